package x3d.tools.results;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import x3d.tools.Json;
import x3d.train.Recipe;

/**
 * What a run folder says of its run.
 *
 * @param run name of the folder
 * @param kind {@code training}, {@code fine-tuning} or {@code performance}
 * @param device what it ran on, {@code 8 x NVIDIA H100}
 * @param clipsPerSecond over all devices, waiting for clips included; of a performance run what it measured, of another the
 *     median of its epochs, the first left out if there are more; empty before the first is done
 * @param top1 accuracies of an evaluation of its model; null without one
 * @param batch clips of an update
 * @param epochs done
 * @param planned epochs that were asked for
 * @param precision Apex's level
 * @param lossScale a number or {@code dynamic}
 */
record RunResult(
    String run,
    String kind,
    String device,
    OptionalDouble clipsPerSecond,
    Top1 top1,
    long batch,
    int epochs,
    int planned,
    String precision,
    String lossScale) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Reads a folder.
   *
   * @param report of an evaluation; null for {@code evaluation/report.json} in the folder, if there is one
   * @throws IllegalArgumentException if it is no run folder, or the report is not of this run's model
   */
  static RunResult of(Path folder, Path report) throws IOException {
    Path log = folder.resolve("stdout.log");
    Path recipeFile = folder.resolve("recipe.yaml");
    if (!Files.exists(log) || !Files.exists(recipeFile)) {
      throw new IllegalArgumentException(
          folder + " is not the folder of a run: it needs recipe.yaml and stdout.log");
    }
    Recipe recipe = Recipe.read(recipeFile);
    List<JsonNode> lines = lines(log);
    JsonNode run = last(lines, "run");
    if (run == null) {
      throw new IllegalArgumentException(log + " tells of no run that began");
    }
    boolean measured = recipe.flag("TRAIN.PERFORMANCE");
    boolean tuned = !recipe.text("TRAIN.CHECKPOINT_FILE_PATH").isEmpty();
    JsonNode epoch = last(lines, "train_epoch");
    return new RunResult(
        folder.toAbsolutePath().normalize().getFileName().toString(),
        measured ? "performance" : tuned ? "fine-tuning" : "training",
        device(run),
        measured ? performance(folder) : ofEpochs(lines),
        measured ? null : Top1.of(folder, report),
        run.path("batch").asLong(),
        epoch == null ? 0 : epoch.path("epoch").asInt(),
        recipe.integer("SOLVER.MAX_EPOCH"),
        run.path("precision").asText("?"),
        run.path("loss_scale").asText("?"));
  }

  /** All that can be read: the last line of a killed run may be cut. */
  private static List<JsonNode> lines(Path log) throws IOException {
    List<JsonNode> lines = new ArrayList<>();
    for (String line : Files.readAllLines(log)) {
      try {
        lines.add(JSON.readTree(line));
      } catch (JsonProcessingException e) {
        continue;
      }
    }
    return lines;
  }

  private static Stream<JsonNode> of(List<JsonNode> lines, String type) {
    return lines.stream().filter(line -> line.path("_type").asText().equals(type));
  }

  private static JsonNode last(List<JsonNode> lines, String type) {
    return of(lines, type).reduce((earlier, later) -> later).orElse(null);
  }

  private static String device(JsonNode run) {
    int count = run.path("devices").asInt(1) * run.path("ranks").asInt(1);
    String name = run.path("device").asText(run.path("provider").asText());
    return run.path("provider").asText().equals("cpu")
        ? name + ", " + run.path("threads").asInt() * run.path("ranks").asInt(1) + " threads"
        : count + " x " + name;
  }

  private static OptionalDouble performance(Path folder) throws IOException {
    Path file = folder.resolve("performance.json");
    return Files.exists(file)
        ? OptionalDouble.of(Json.read(file).path("clips_per_second").asDouble())
        : OptionalDouble.empty();
  }

  private static OptionalDouble ofEpochs(List<JsonNode> lines) {
    List<Double> rates =
        of(lines, "train_epoch").map(line -> line.path("fps").asDouble()).toList();
    List<Double> sorted = rates.stream().skip(rates.size() > 1 ? 1 : 0).sorted().toList();
    int size = sorted.size();
    return size == 0
        ? OptionalDouble.empty()
        : OptionalDouble.of((sorted.get((size - 1) / 2) + sorted.get(size / 2)) / 2);
  }
}
