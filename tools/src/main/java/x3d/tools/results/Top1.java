package x3d.tools.results;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import x3d.tools.Json;
import x3d.tools.Sha256;

/**
 * Accuracy of a run's model, as {@code x3d-tools evaluate} found it.
 *
 * @param percent of videos named right
 * @param views clips of each video times squares of each clip
 */
record Top1(double percent, int views) {
  /** Where a run's own evaluation is looked for. */
  static final String PLACE = "evaluation/report.json";

  /**
   * What a run's report says; null if there is none.
   *
   * @param report named for this run, or null to look for its own
   * @throws IllegalArgumentException if it is not one of {@code evaluate}, or of another model than the run's
   */
  static Top1 of(Path run, Path report) throws IOException {
    Path file = report == null ? run.resolve(PLACE) : report;
    if (!Files.exists(file)) {
      if (report != null) {
        throw new IllegalArgumentException(report + ": no such file");
      }
      return null;
    }
    JsonNode found = Json.read(file);
    if (!found.path("top1").isNumber() || !found.path("views").isInt() || !found.has("model")) {
      throw new IllegalArgumentException(file + " is not a report of x3d-tools evaluate");
    }
    if (report == null && !own(run, found)) {
      throw new IllegalArgumentException(file + " is of " + found.path("model").asText()
          + ", which is no model of the run in " + run + "; if it is, say so with --report " + run
          + "=" + file);
    }
    return new Top1(
        found.path("top1").asDouble(),
        found.path("views").asInt() * found.path("crops").asInt(1));
  }

  /** Whether the model is the run's: the same file by content, if the report tells, or by place. */
  private static boolean own(Path run, JsonNode report) throws IOException {
    Path model = run.resolve("model.onnx");
    JsonNode sha256 = report.findValue("modelSha256");
    if (sha256 != null && Files.exists(model) && Sha256.of(model).equals(sha256.asText())) {
      return true;
    }
    return Path.of(report.path("model").asText())
        .toAbsolutePath()
        .normalize()
        .startsWith(run.toAbsolutePath().normalize());
  }
}
