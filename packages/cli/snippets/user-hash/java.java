import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Scanner;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class UserHash {
    // The key is the bytes of the secret as issued: its base64url is not decoded.
    static String userHash(String userId, String secret) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(userId.getBytes(UTF_8)));
    }

    public static void main(String[] args) throws GeneralSecurityException {
        String secret = System.getenv("SIGNING_SECRET");
        if (secret == null || secret.isEmpty()) throw new IllegalStateException("SIGNING_SECRET is not set");
        // User ids on standard input, one on each line.
        Scanner userIds = new Scanner(System.in, UTF_8).useDelimiter("\n");
        while (userIds.hasNext()) System.out.println(userHash(userIds.next(), secret));
    }
}
