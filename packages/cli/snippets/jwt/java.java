import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;

import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.Scanner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class UserJwt {
    // The key is the bytes of the secret as issued: its base64url is not decoded.
    static String userJwt(String userId, String secret) throws GeneralSecurityException {
        String claims = "{\"user_id\":" + quote(userId) + ",\"exp\":" + (Instant.now().getEpochSecond() + 300) + "}";
        String content = base64url("{\"alg\":\"HS256\",\"typ\":\"JWT\"}".getBytes(UTF_8)) + "." + base64url(claims.getBytes(UTF_8));
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        return content + "." + base64url(mac.doFinal(content.getBytes(UTF_8)));
    }

    static String base64url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String quote(String text) {
        return text.chars()
                .mapToObj(c -> c < 0x20 || c == '"' || c == '\\' ? String.format("\\u%04x", c) : String.valueOf((char) c))
                .collect(joining("", "\"", "\""));
    }

    public static void main(String[] args) throws GeneralSecurityException {
        String secret = System.getenv("SIGNING_SECRET");
        if (secret == null || secret.isEmpty()) throw new IllegalStateException("SIGNING_SECRET is not set");
        // User ids on standard input, one on each line.
        Scanner userIds = new Scanner(System.in, UTF_8).useDelimiter("\n");
        while (userIds.hasNext()) System.out.println(userJwt(userIds.next(), secret));
    }
}
