package x3d.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Steps of one process, in the Trace Event Format, which chrome://tracing and Perfetto draw: an object with {@code traceEvents}
 * (complete events, {@code ph} X, and the names of the rows, {@code ph} M) and {@code otherData}, what was traced.
 *
 * @param about what was traced: {@code kind} and more
 * @param tracks names of the rows
 */
public record Trace(ObjectNode about, Map<Integer, String> tracks, List<TraceEvent> events) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Files with traces end in it. */
  public static final String SUFFIX = ".json";

  public Trace {
    tracks = Map.copyOf(tracks);
    events = List.copyOf(events);
  }

  /** Which rank of its job it is of. */
  int rank() {
    return about.path("rank").asInt(0);
  }

  /** As a file has it. */
  public byte[] toBytes() {
    ObjectNode root = JSON.createObjectNode();
    root.put("displayTimeUnit", "ms");
    root.set("otherData", about);
    ArrayNode all = root.putArray("traceEvents");
    all.add(named("process_name", 0, about.path("kind").asText() + ", rank " + rank()));
    new TreeMap<>(tracks).forEach((track, name) -> all.add(named("thread_name", track, name)));
    events.forEach(event -> all.add(toJson(event)));
    try {
      return JSON.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private ObjectNode named(String what, int track, String name) {
    ObjectNode node = JSON.createObjectNode();
    node.put("ph", "M").put("name", what).put("pid", rank()).put("tid", track);
    node.putObject("args").put("name", name);
    return node;
  }

  private ObjectNode toJson(TraceEvent event) {
    ObjectNode node = JSON.createObjectNode();
    node.put("ph", "X").put("name", event.name()).put("cat", event.category());
    node.put("ts", rounded(event.start())).put("dur", rounded(event.duration()));
    node.put("pid", rank()).put("tid", event.track());
    node.set("args", event.args());
    return node;
  }

  /** To nanoseconds, which is what the clock tells. */
  private static double rounded(double micros) {
    return Math.round(micros * 1e3) / 1e3;
  }

  /**
   * Reads what {@link #toBytes} wrote.
   *
   * @throws IOException if the file cannot be read
   * @throws IllegalArgumentException naming the file, if it holds something else
   */
  public static Trace read(Path file) throws IOException {
    JsonNode root;
    try {
      root = JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(file + ": not JSON, or not all of it", e);
    }
    if (!(root.path("otherData") instanceof ObjectNode about)
        || !about.has("kind")
        || !(root.path("traceEvents") instanceof ArrayNode all)) {
      throw new IllegalArgumentException(file + ": not a trace of x3d, which is a JSON object with"
          + " traceEvents, and otherData that has a kind");
    }
    Map<Integer, String> tracks = new TreeMap<>();
    List<TraceEvent> events = new ArrayList<>();
    for (JsonNode node : all) {
      int track = node.path("tid").asInt();
      if (node.path("name").asText().equals("thread_name")) {
        tracks.put(track, node.path("args").path("name").asText());
      } else if (node.path("ph").asText().equals("X")) {
        events.add(new TraceEvent(
            node.path("name").asText(),
            node.path("cat").asText(),
            node.path("ts").asDouble(),
            node.path("dur").asDouble(),
            track,
            node.path("args") instanceof ObjectNode args ? args : JSON.createObjectNode()));
      }
    }
    return new Trace(about, tracks, events);
  }
}
