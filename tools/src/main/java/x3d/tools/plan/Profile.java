package x3d.tools.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.ToDoubleFunction;
import x3d.tools.Json;

/**
 * What was measured on one device: how long a step takes by its clips, how much slower it is when the host's other cores work too,
 * and how fast ranks of one host exchange.
 *
 * @param lowering how the network was spelled
 * @param parameters of the network
 * @param threads of the device, if it is a CPU
 * @param cores of the machine
 * @param points steps of one replica; one of each number of clips, rising
 * @param optimizerSeconds of settling and updating all parameters, on one rank
 * @param crowd steps of several replicas at once, if that was measured
 * @param exchange between ranks of one host, if that was measured
 * @param machine where and when, for people
 */
record Profile(
    String lowering,
    int parameters,
    int threads,
    int cores,
    List<Point> points,
    double optimizerSeconds,
    Optional<Crowd> crowd,
    Optional<Exchange> exchange,
    Map<String, Object> machine) {
  private static final String KIND = "x3d training profile";

  /**
   * A step of one replica.
   *
   * @param clips of it
   * @param seconds of forward, backward and reduction, the optimizer left out
   */
  record Point(int clips, double seconds) {}

  /**
   * Replicas that step at the same time.
   *
   * @param threads that are busy, no more than there are cores
   * @param slowdown the time of a step over that of a replica alone
   */
  record Crowd(int threads, double slowdown) {}

  /**
   * A reduce-scatter and an all-gather together.
   *
   * @param over what carried them
   * @param ranks that took part
   * @param bytesPerSecond of all ranks together
   * @param latencySeconds of one of the two, however short
   */
  record Exchange(String over, int ranks, double bytesPerSecond, double latencySeconds) {}

  Profile {
    points = List.copyOf(points);
    if (points.isEmpty() || points.stream().anyMatch(p -> p.clips < 1 || !(p.seconds > 0))) {
      throw new IllegalArgumentException("a profile needs steps of 1 clip or more that took time");
    }
    if (parameters < 1 || threads < 1 || cores < 1 || !(optimizerSeconds >= 0)) {
      throw new IllegalArgumentException(
          "a profile needs parameters, threads and cores, 1 or more of each, and the time of the optimizer");
    }
  }

  /**
   * A step's time as fixed + clips x each: the line of least squares, through 0 where it would cut the axis below.
   *
   * @param fixed seconds
   * @param each seconds a clip
   */
  record Line(double fixed, double each) {
    double at(int clips) {
      return fixed + each * clips;
    }
  }

  Line line() {
    double n = points.size();
    double x = mean(Point::clips);
    double y = mean(Point::seconds);
    double xx = mean(p -> (double) p.clips * p.clips) - x * x;
    double xy = mean(p -> p.clips * p.seconds) - x * y;
    double slope = n > 1 ? xy / xx : 0;
    double fixed = y - slope * x;
    if (n > 1 && slope > 0 && fixed >= 0) {
      return new Line(fixed, slope);
    }
    return new Line(0, mean(p -> p.clips * p.seconds) / mean(p -> (double) p.clips * p.clips));
  }

  private double mean(ToDoubleFunction<Point> value) {
    return points.stream().mapToDouble(value).average().orElseThrow();
  }

  /**
   * How many times as long a step takes when so many threads of the host are busy: 1 for the device's own, rising evenly through
   * what was measured to all cores, and beyond by taking turns.
   */
  double slowdown(int busyThreads) {
    double turns = Math.max(1, (double) busyThreads / cores);
    int others = Math.max(0, Math.min(busyThreads, cores) - threads);
    double each = crowd
        .filter(c -> c.threads > threads)
        .map(c -> (c.slowdown - 1) / (c.threads - threads))
        .orElse(0.0);
    return turns * (1 + each * others);
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("kind", KIND);
    fields.put("lowering", lowering);
    fields.put("parameters", parameters);
    fields.put("threads", threads);
    fields.put("cores", cores);
    fields.put("points", points);
    fields.put("optimizerSeconds", optimizerSeconds);
    fields.put("crowd", crowd.orElse(null));
    fields.put("exchange", exchange.orElse(null));
    fields.put("machine", machine);
    return fields;
  }

  /**
   * Reads a profile, or makes one of reports of {@code x3d-tools bench train --out}, one a batch.
   *
   * @throws IllegalArgumentException if a file is neither, or they do not belong together
   */
  static Profile read(List<Path> files) throws IOException {
    List<Profile> parts = new ArrayList<>();
    for (Path file : files) {
      JsonNode json = Json.read(file);
      try {
        parts.add(json.path("kind").asText().equals(KIND) ? own(json) : bench(json));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
      }
    }
    Profile first = parts.get(0);
    List<Point> points = new ArrayList<>();
    TreeSet<Integer> clips = new TreeSet<>();
    for (Profile part : parts) {
      if (!part.lowering.equals(first.lowering)
          || part.parameters != first.parameters
          || part.threads != first.threads
          || part.cores != first.cores) {
        throw new IllegalArgumentException(
            "the profiles " + files + " are of different networks, lowerings, threads or machines");
      }
      for (Point point : part.points) {
        if (!clips.add(point.clips)) {
          throw new IllegalArgumentException(
              "the profiles " + files + " hold steps of " + point.clips + " clips twice");
        }
        points.add(point);
      }
    }
    return new Profile(
        first.lowering,
        first.parameters,
        first.threads,
        first.cores,
        points,
        parts.stream().mapToDouble(Profile::optimizerSeconds).average().orElseThrow(),
        parts.stream().flatMap(p -> p.crowd.stream()).findFirst(),
        parts.stream().flatMap(p -> p.exchange.stream()).findFirst(),
        first.machine);
  }

  private static Profile own(JsonNode json) {
    List<Point> points = new ArrayList<>();
    for (JsonNode point : need(json, "/points")) {
      points.add(new Point(number(point, "/clips").intValue(), number(point, "/seconds")));
    }
    return new Profile(
        need(json, "/lowering").asText(),
        number(json, "/parameters").intValue(),
        number(json, "/threads").intValue(),
        number(json, "/cores").intValue(),
        points,
        number(json, "/optimizerSeconds"),
        present(json, "crowd")
            .map(c -> new Crowd(number(c, "/threads").intValue(), number(c, "/slowdown"))),
        present(json, "exchange")
            .map(e -> new Exchange(
                need(e, "/over").asText(),
                number(e, "/ranks").intValue(),
                number(e, "/bytesPerSecond"),
                number(e, "/latencySeconds"))),
        machine(json));
  }

  private static Profile bench(JsonNode json) {
    if (!json.path("bench").asText().equals("train")) {
      throw new IllegalArgumentException("neither a profile of x3d-tools plan --measure"
          + " nor a report of x3d-tools bench train --out");
    }
    int batch = number(json, "/settings/batch").intValue();
    double optimizer = number(json, "/figures/optimizerMillis") / 1e3;
    double step = batch * number(json, "/measurements/0/ours/millisPerItem/median") / 1e3;
    return new Profile(
        need(json, "/settings/lowering").asText(),
        number(json, "/settings/parameters").intValue(),
        number(json, "/settings/threads").intValue(),
        number(json, "/machine/cores").intValue(),
        List.of(new Point(batch, step - optimizer)),
        optimizer,
        Optional.empty(),
        Optional.empty(),
        machine(json));
  }

  private static Map<String, Object> machine(JsonNode json) {
    Map<String, Object> machine = new LinkedHashMap<>();
    need(json, "/machine")
        .properties()
        .forEach(field -> machine.put(field.getKey(), field.getValue().asText()));
    return machine;
  }

  private static Optional<JsonNode> present(JsonNode json, String name) {
    return Optional.ofNullable(json.get(name)).filter(node -> !node.isNull());
  }

  private static Double number(JsonNode json, String path) {
    JsonNode value = need(json, path);
    if (!value.isNumber()) {
      throw new IllegalArgumentException(path + " is " + value + ", which is no number");
    }
    return value.asDouble();
  }

  private static JsonNode need(JsonNode json, String path) {
    JsonNode value = json.at(path);
    if (value.isMissingNode() || value.isNull()) {
      throw new IllegalArgumentException("a profile without " + path);
    }
    return value;
  }
}
