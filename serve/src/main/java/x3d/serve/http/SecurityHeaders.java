package x3d.serve.http;

import java.util.Map;

/** What browsers are told not to do with answers. */
final class SecurityHeaders {
  /** A page of its own sets another policy for its content. */
  static final Map<String, String> ALWAYS = Map.of(
      "X-Content-Type-Options", "nosniff",
      "X-Frame-Options", "DENY",
      "Referrer-Policy", "no-referrer",
      "Cross-Origin-Resource-Policy", "same-origin",
      "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'",
      "Cache-Control", "no-store");

  /** Over TLS, for a year. */
  static final Map<String, String> SECURE = Map.of("Strict-Transport-Security", "max-age=31536000");

  private SecurityHeaders() {}
}
