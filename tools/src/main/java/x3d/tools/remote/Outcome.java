package x3d.tools.remote;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import x3d.serve.client.Answer;

/**
 * What came of showing a video to a server.
 *
 * @param video as it was named
 * @param answer null if it failed
 * @param error why it failed, in one line with the file's name; else null
 * @param lasting whether asking again would come to the same: it is answered, or the video itself is at fault
 */
public record Outcome(Path video, Answer answer, String error, boolean lasting) {
  static Outcome answered(Path video, Answer answer) {
    return new Outcome(video, answer, null, true);
  }

  static Outcome failed(Path video, String reason, boolean lasting) {
    return new Outcome(video, null, video.getFileName() + ": " + reason, lasting);
  }

  public boolean failed() {
    return error != null;
  }

  /** The fields of its line of JSON. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("video", video.toString());
    if (failed()) {
      fields.put("error", error);
    } else {
      fields.putAll(answer.fields());
    }
    return fields;
  }
}
