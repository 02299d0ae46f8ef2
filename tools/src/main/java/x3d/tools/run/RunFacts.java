package x3d.tools.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * How a run stands, by its {@code stdout.log}. What a resumed run did again counts once, as it was done last.
 *
 * <p>Lines are given as they are; their fields are in docs/training.md.
 */
public final class RunFacts implements RunLogReader.Listener {
  /** What a run does, as far as its log tells: one that was killed still trains. */
  public enum State {
    STARTING,
    TRAINING,
    STOPPED,
    FINISHED
  }

  private State state = State.STARTING;
  private JsonNode run;
  private JsonNode iteration;
  private JsonNode last;
  private final NavigableMap<Integer, JsonNode> epochs = new TreeMap<>();
  private final NavigableMap<Integer, JsonNode> validations = new TreeMap<>();
  private final List<JsonNode> overflows = new ArrayList<>();
  private final Map<String, String> replaced = new LinkedHashMap<>();
  private double wallSeconds;
  private double mostResident = Double.NaN;
  private int starts;
  private boolean resumed;

  @Override
  public void logRestarted() {
    forget();
    starts = 0;
  }

  private void forget() {
    state = State.STARTING;
    iteration = null;
    last = null;
    epochs.clear();
    validations.clear();
    overflows.clear();
    replaced.clear();
    wallSeconds = 0;
    mostResident = Double.NaN;
  }

  @Override
  public void logged(JsonNode line) {
    switch (line.get("_type").asText()) {
      case "resumed" -> resume(line);
      case "run" -> start(line);
      case "train_iter" -> iterated(line);
      case "train_epoch" -> epochs.put(line.path("epoch").asInt(), line);
      case "val_epoch" -> validations.put(line.path("epoch").asInt(), line);
      case "overflow" -> overflows.add(line);
      case "video_replaced" ->
        replaced.put(line.path("video").asText(), line.path("reason").asText());
      case "stopped" -> state = State.STOPPED;
      case "model" -> state = State.FINISHED;
      default -> {}
    }
    if (line.has("wall_time")) {
      wallSeconds = RunLogReader.number(line, "wall_time");
    }
    last = line;
  }

  /** What came after the checkpoint was not done. */
  private void resume(JsonNode line) {
    resumed = true;
    int done = line.path("epoch").asInt();
    int updates = line.path("iteration").asInt();
    iteration = null;
    epochs.tailMap(done, false).clear();
    validations.tailMap(done, false).clear();
    overflows.removeIf(o -> o.path("epoch").asInt() > done + 1
        || (o.path("epoch").asInt() == done + 1 && o.path("iteration").asInt() > updates));
  }

  private void start(JsonNode line) {
    if (!resumed) { // killed before its first checkpoint: nothing of it counts
      forget();
    }
    resumed = false;
    starts++;
    run = line;
    state = State.TRAINING;
  }

  private void iterated(JsonNode line) {
    iteration = line;
    double resident = RunLogReader.number(line, "resident_bytes");
    mostResident = Double.isNaN(mostResident) ? resident : Math.max(mostResident, resident);
  }

  public State state() {
    return state;
  }

  /** The line {@code run} of the newest start. */
  public Optional<JsonNode> run() {
    return Optional.ofNullable(run);
  }

  /** How often it was started. */
  public int starts() {
    return starts;
  }

  /** The newest {@code train_iter} of this start. */
  public Optional<JsonNode> iteration() {
    return Optional.ofNullable(iteration);
  }

  /** The newest line. */
  public Optional<JsonNode> last() {
    return Optional.ofNullable(last);
  }

  /** {@code train_epoch} by epoch, from 1. */
  public NavigableMap<Integer, JsonNode> epochs() {
    return epochs;
  }

  /** {@code val_epoch} by epoch. */
  public NavigableMap<Integer, JsonNode> validations() {
    return validations;
  }

  /** The validation with the least top-1 error, the first of several. */
  public Optional<JsonNode> bestValidation() {
    return validations.values().stream()
        .filter(v -> v.path("top1_err").isNumber())
        .reduce((a, b) -> b.get("top1_err").asDouble() < a.get("top1_err").asDouble() ? b : a);
  }

  /** Updates that were left out. */
  public List<JsonNode> overflows() {
    return overflows;
  }

  /** Why, by video. */
  public Map<String, String> replaced() {
    return replaced;
  }

  /** Over all parts of the run. */
  public double wallSeconds() {
    return wallSeconds;
  }

  /** The most that was resident at any line {@code train_iter}. */
  public OptionalDouble mostResidentBytes() {
    return Double.isNaN(mostResident) ? OptionalDouble.empty() : OptionalDouble.of(mostResident);
  }
}
