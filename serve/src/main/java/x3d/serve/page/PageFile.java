package x3d.serve.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * A file of the pages, as it is sent. Browsers keep it, and ask each time whether it is still this one: after an update of the server
 * no old script meets a new page.
 *
 * @param tag a weak entity tag: the same text may be sent compressed
 */
record PageFile(String mediaType, String text, String tag) {
  /**
   * Scripts, styles and requests of this server only, none of them written into a page; videos that the page has been given. Nothing
   * in a script may turn text into markup.
   */
  private static final String POLICY = String.join(
      "; ",
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "img-src 'self'",
      "media-src blob:",
      "connect-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
      "trusted-types 'none'");

  static PageFile read(String name, String mediaType) {
    return read(name, mediaType, Map.of());
  }

  /** @param values what stands in the file in braces, and what is sent in its place */
  static PageFile read(String name, String mediaType, Map<String, Object> values) {
    try (InputStream in = PageFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the page's file " + name + " is missing");
      }
      String text = new String(in.readAllBytes(), UTF_8);
      for (Map.Entry<String, Object> value : values.entrySet()) {
        text = text.replace("{" + value.getKey() + "}", value.getValue().toString());
      }
      return new PageFile(mediaType, text, "W/\"" + sha256(text).substring(0, 16) + "\"");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  void answer(Context request) {
    request.header("Content-Security-Policy", POLICY);
    request.header("Cache-Control", "no-cache");
    request.header("ETag", tag);
    if (tag.equals(request.header("If-None-Match"))) {
      request.status(304);
    } else {
      request.contentType(mediaType + "; charset=utf-8").result(text);
    }
  }

  private static String sha256(String text) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
