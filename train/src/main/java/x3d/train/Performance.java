package x3d.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a performance run found out: clips a second, and beside it what the seed project's log would show for the same run.
 *
 * <p>The seed's FPS is batch size x devices / time of a step. Its batch size is that of all devices already, so that on eight
 * of them it shows eight times what was trained.
 *
 * @param ofRun what ran where, as in the log's line {@code run}
 */
record Performance(Map<String, Object> ofRun, int batch, int devices, Throughput.Measured pace) {
  static final String FILE = "performance.json";
  private static final ObjectMapper PRETTY =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  /** What the seed project's formula gives. */
  double seedFormulaFps() {
    return batch * (double) devices / pace.updateSeconds();
  }

  /** For the log. */
  Map<String, Object> line() {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("clips_per_second", pace.clipsPerSecond());
    line.put("updates", pace.updates());
    line.put("excluded_updates", pace.excludedUpdates());
    line.put("clips", pace.clips());
    line.put("seconds", pace.seconds());
    line.put("update_seconds", pace.updateSeconds());
    line.put("update_seconds_median", pace.updateSecondsMedian());
    line.put("update_seconds_p90", pace.updateSecondsP90());
    line.put("data_seconds", pace.dataSeconds());
    line.put("seed_formula_fps", seedFormulaFps());
    line.put("seed_formula_times_too_high", devices);
    return line;
  }

  /** For {@link #FILE}. */
  String toJson() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kind", "performance");
    fields.putAll(line());
    fields.put(
        "seed_formula",
        "TRAIN.BATCH_SIZE x devices / step time: the batch, which is that of all devices, counted"
            + " once a device");
    fields.put("run", ofRun);
    try {
      return PRETTY.writeValueAsString(fields) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }
}
