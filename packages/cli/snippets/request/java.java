import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class SignedHeaders {
    // The key is the bytes of the secret as issued: nothing of it is decoded.
    static String signedHeaders(String key, String secret, String method, String path, byte[] body)
            throws GeneralSecurityException {
        long timestamp = System.currentTimeMillis();
        String bodySha256 = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(body));
        String content = timestamp + "." + method.toUpperCase(Locale.ROOT) + "." + path + "." + bodySha256;
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
        String signature = HexFormat.of().formatHex(mac.doFinal(content.getBytes(UTF_8)));
        return "X-Integrator-Key: " + key + "\nX-Timestamp: " + timestamp + "\nX-Signature: sha256=" + signature;
    }

    public static void main(String[] args) throws GeneralSecurityException, IOException {
        String key = System.getenv("INTEGRATOR_KEY");
        String secret = System.getenv("SIGNING_SECRET");
        if (key == null || secret == null || secret.isEmpty()) {
            throw new IllegalStateException("INTEGRATOR_KEY or SIGNING_SECRET is not set");
        }
        // Method and path with its query as arguments, the raw body on standard input.
        System.out.println(signedHeaders(key, secret, args[0], args[1], System.in.readAllBytes()));
    }
}
