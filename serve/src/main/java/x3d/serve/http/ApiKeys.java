package x3d.serve.http;

import io.javalin.http.Context;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a file, one a line; empty lines and those that begin with {@code #} do not count. Only their SHA-256 is kept,
 * and comparing takes as long whatever a wrong key looks like.
 */
public final class ApiKeys {
  static final String HEADER = "X-API-Key";

  private static final Logger LOG = LoggerFactory.getLogger(ApiKeys.class);
  private static final String BEARER = "Bearer ";

  private final Path file;
  private FileStamp stamp;
  private volatile List<byte[]> hashes;

  /** @throws IOException if the file cannot be read or holds no key */
  public ApiKeys(Path file) throws IOException {
    this.file = file;
    this.stamp = FileStamp.of(file);
    this.hashes = read(file);
  }

  private static List<byte[]> read(Path file) throws IOException {
    List<byte[]> hashes = Files.readAllLines(file).stream()
        .map(String::strip)
        .filter(line -> !line.isEmpty() && !line.startsWith("#"))
        .map(ApiKeys::sha256)
        .toList();
    if (hashes.isEmpty()) {
      throw new IOException(file + " holds no key: it must have one a line");
    }
    return hashes;
  }

  /** Takes the file's new keys if it was replaced; where it cannot be read the old ones stay. */
  public void reload() {
    FileStamp now = FileStamp.of(file);
    if (now.equals(stamp)) {
      return;
    }
    stamp = now;
    try {
      hashes = read(file);
      LOG.info("{} was replaced: it has {} keys now", file, hashes.size());
    } catch (IOException e) {
      LOG.error("{} was replaced and cannot be used, so the old keys stay: {}", file, e.toString());
    }
  }

  /** @throws Refusal with 401 if the request has no key of the file */
  void require(Context request) {
    String key = request.header(HEADER);
    String authorization = request.header("Authorization");
    if (key == null && authorization != null && authorization.startsWith(BEARER)) {
      key = authorization.substring(BEARER.length()).strip();
    }
    if (key == null) {
      throw Refusal.unauthorized(
          "send a key, as 'Authorization: Bearer KEY' or '" + HEADER + ": KEY'");
    }
    byte[] hash = sha256(key);
    boolean known = false;
    for (byte[] one : hashes) {
      known |= MessageDigest.isEqual(one, hash);
    }
    if (!known) {
      throw Refusal.unauthorized("the key is none of those known here");
    }
  }

  private static byte[] sha256(String key) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
