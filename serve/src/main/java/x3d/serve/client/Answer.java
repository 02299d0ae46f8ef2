package x3d.serve.client;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.classify.Ranked;

/**
 * What a server says of one video.
 *
 * @param frames frames in the video
 * @param fps frames a second of the video
 * @param views clips that were looked at
 * @param crops squares of each clip, 1 or 3
 * @param top the likeliest classes, likeliest first
 * @param decodeMs milliseconds that reading, scaling and cropping took
 * @param inferenceMs milliseconds from the first clip that was ready to the last answer
 * @param model the name of the model that answered
 * @param modelVersion 1, and one more with each replacement of its file while the server runs
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record Answer(
    int frames,
    double fps,
    int views,
    int crops,
    List<Ranked> top,
    long decodeMs,
    long inferenceMs,
    String model,
    long modelVersion) {
  public Answer {
    top = List.copyOf(top);
  }

  /** The fields in the order in which the server has them. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("frames", frames);
    fields.put("fps", fps);
    fields.put("views", views);
    fields.put("crops", crops);
    fields.put("top", top);
    fields.put("decodeMs", decodeMs);
    fields.put("inferenceMs", inferenceMs);
    fields.put("model", model);
    fields.put("modelVersion", modelVersion);
    return fields;
  }
}
