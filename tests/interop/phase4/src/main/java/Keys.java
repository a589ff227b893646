import com.helger.phase4.crypto.AS4CryptoFactoryInMemoryKeyStore;
import com.helger.phase4.crypto.IAS4CryptoFactory;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Map;

/** Key stores out of the PEM files that a request names. */
final class Keys {
  private static final char[] PASSWORD = "phase4".toCharArray();

  private Keys() {}

  /** What signs: `key` and `certificate`, trusting `hub_signing` alone. */
  static IAS4CryptoFactory signing(Map<String, String> request) throws Exception {
    return store(request.get("key"), request.get("certificate"), request.get("hub_signing"));
  }

  /** What decrypts: `decryption_key` and `encryption_certificate`. */
  static IAS4CryptoFactory decryption(Map<String, String> request) throws Exception {
    return store(request.get("decryption_key"), request.get("encryption_certificate"), request.get("hub_encryption"));
  }

  static X509Certificate certificate(String file) throws Exception {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(Files.readAllBytes(Path.of(file))));
  }

  private static IAS4CryptoFactory store(String key, String own, String other) throws Exception {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, PASSWORD);
    keys.setKeyEntry("own", privateKey(key), PASSWORD, new Certificate[] {certificate(own)});
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, PASSWORD);
    trusted.setCertificateEntry("hub", certificate(other));
    return new AS4CryptoFactoryInMemoryKeyStore(keys, "own", PASSWORD, trusted);
  }

  private static PrivateKey privateKey(String file) throws Exception {
    String pem = Files.readString(Path.of(file), StandardCharsets.US_ASCII);
    byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
    return KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der));
  }
}
