package x3d.serve.client;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.StringJoiner;

/**
 * What is asked about a video. Whatever is null is the server's choice.
 *
 * @param model the name of one of its models; null for the first
 * @param top classes to answer with
 * @param views clips along the video
 * @param crops squares of each clip, 1 or 3
 */
public record Question(String model, Integer top, Integer views, Integer crops) {
  /** All as the server likes. */
  public static final Question USUAL = new Question(null, null, null, null);

  /** The path and query below the server's address. */
  String path() {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    add(query, "top", top);
    add(query, "views", views);
    add(query, "crops", crops);
    return (model == null ? "/v1/classify" : "/v1/models/" + encoded(model) + "/classify") + query;
  }

  private static void add(StringJoiner query, String name, Integer value) {
    if (value != null) {
      query.add(name + "=" + value);
    }
  }

  private static String encoded(String name) {
    return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
