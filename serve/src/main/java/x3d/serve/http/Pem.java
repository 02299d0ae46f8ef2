package x3d.serve.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate and its private key from PEM files. */
final class Pem {
  /** Of a key store that never leaves memory. */
  static final String PASSWORD = "in memory";

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");

  private Pem() {}

  /** @throws IOException if one of the files cannot be read, or is not what it should be */
  static KeyStore keyStore(Path certificate, Path key) throws IOException {
    Certificate[] chain = chain(certificate);
    PrivateKey secret = key(key);
    try {
      KeyStore store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      store.setKeyEntry("x3d-serve", secret, PASSWORD.toCharArray(), chain);
      return store;
    } catch (GeneralSecurityException e) {
      throw new IOException(key + " and " + certificate + " do not go together", e);
    }
  }

  private static Certificate[] chain(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<? extends Certificate> found =
          CertificateFactory.getInstance("X.509").generateCertificates(in);
      if (!found.isEmpty()) {
        return found.toArray(Certificate[]::new);
      }
      throw new IOException(
          file + " holds no certificate: a PEM file begins with -----BEGIN" + " CERTIFICATE-----");
    } catch (CertificateException e) {
      throw new IOException(file + " is no PEM file of certificates", e);
    }
  }

  private static PrivateKey key(Path file) throws IOException {
    Matcher found = KEY.matcher(Files.readString(file, StandardCharsets.ISO_8859_1));
    if (!found.find()) {
      throw new IOException(file + " holds no private key in PKCS #8 without a password (-----BEGIN"
          + " PRIVATE KEY-----); 'openssl pkcs8 -topk8 -nocrypt' writes one");
    }
    byte[] bytes = Base64.getMimeDecoder().decode(found.group(1));
    for (String algorithm : List.of("RSA", "EC", "Ed25519")) {
      try {
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(bytes));
      } catch (InvalidKeySpecException e) {
        // one of another algorithm, perhaps
      } catch (GeneralSecurityException e) {
        throw new IllegalStateException(e);
      }
    }
    throw new IOException(file + " holds a private key that is neither RSA, EC nor Ed25519");
  }
}
