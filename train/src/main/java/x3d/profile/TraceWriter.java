package x3d.profile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import x3d.runtime.SessionTrace;

/** Joins what the thread and the sessions noted on one clock. */
final class TraceWriter {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** The row of the thread that takes the steps; sessions' follow. */
  static final int STEPS = 1;

  private static final int SESSIONS = 10;

  /** What ONNX Runtime calls a run of a session. */
  private static final String RUN = "model_run";

  /** What ONNX Runtime says of its own threads: as long as all the rest, and no part of what we promise. */
  private static final String SCHEDULING = "thread_scheduling_stats";

  private final long begun;
  private final Map<Integer, String> tracks = new TreeMap<>();
  private final List<TraceEvent> events = new ArrayList<>();

  private int nextRow = SESSIONS;

  private TraceWriter(long begun) {
    this.begun = begun;
  }

  /** @param begun the trace's time 0, as {@link System#nanoTime} tells time */
  static Trace trace(
      ObjectNode about, long begun, List<Profiler.Noted> noted, List<SessionTrace> sessions) {
    TraceWriter writer = new TraceWriter(begun);
    double end = writer.steps(about.path("kind").asText(), noted);
    for (int i = 0; i < sessions.size(); i++) {
      writer.session(i, sessions.get(i), end);
    }
    return new Trace(about, writer.tracks, nested(writer.events));
  }

  private double steps(String kind, List<Profiler.Noted> noted) {
    tracks.put(STEPS, kind.equals("training") ? "trainer" : kind);
    double end = 0;
    for (Profiler.Noted n : noted) {
      double start = (n.startNanos() - begun) / 1e3;
      double duration = (n.endNanos() - n.startNanos()) / 1e3;
      end = Math.max(end, start + duration);
      String word = n.span().word();
      events.add(new TraceEvent(word, word, start, duration, STEPS, JSON.createObjectNode()));
    }
    return end;
  }

  private void session(int index, SessionTrace session, double end) {
    JsonNode all;
    try {
      all = JSON.readTree(session.json());
    } catch (IOException e) {
      throw new IllegalStateException("ONNX Runtime's profile is not JSON", e);
    }
    double shift = (session.startNanos() - begun) / 1e3;
    List<JsonNode> noted = new ArrayList<>();
    for (JsonNode event : all) {
      double start = event.path("ts").asDouble() + shift;
      // Its clock tells whole microseconds, and the step's own is read a little before.
      if (event.path("ph").asText().equals("X")
          && start >= -1
          && start + event.path("dur").asDouble() <= end + 1) {
        noted.add(event);
      }
    }
    Map<String, TreeMap<Double, Integer>> runs = rows(index, noted);
    for (JsonNode event : noted) {
      double start = event.path("ts").asDouble();
      Map.Entry<Double, Integer> run =
          runs.getOrDefault(event.path("tid").asText(), new TreeMap<>()).floorEntry(start);
      if (run == null) {
        continue; // of a run that began before the steps
      }
      ObjectNode args =
          event.path("args") instanceof ObjectNode given ? given : JSON.createObjectNode();
      args.remove(SCHEDULING);
      events.add(new TraceEvent(
          event.path("name").asText().replaceFirst("_kernel_time$", ""),
          event.path("cat").asText(),
          Math.max(0, start + shift),
          event.path("dur").asDouble(),
          run.getValue(),
          args));
    }
  }

  /**
   * The row of each run of a session, by its thread and start. A session has one row, and more only where several threads run
   * it at once: which thread it was does not matter.
   */
  private Map<String, TreeMap<Double, Integer>> rows(int session, List<JsonNode> noted) {
    List<JsonNode> runs = noted.stream()
        .filter(event -> event.path("name").asText().equals(RUN))
        .sorted(Comparator.comparingDouble(event -> event.path("ts").asDouble()))
        .toList();
    List<Integer> own = new ArrayList<>();
    List<Double> busyUntil = new ArrayList<>();
    Map<String, TreeMap<Double, Integer>> rows = new TreeMap<>();
    for (JsonNode run : runs) {
      double start = run.path("ts").asDouble();
      int free = 0;
      while (free < own.size() && busyUntil.get(free) > start) {
        free++;
      }
      if (free == own.size()) {
        own.add(nextRow++);
        busyUntil.add(0.0);
        tracks.put(own.get(free), "session " + session + (free == 0 ? "" : ", run " + (free + 1)));
      }
      busyUntil.set(free, start + run.path("dur").asDouble());
      rows.computeIfAbsent(run.path("tid").asText(), t -> new TreeMap<>())
          .put(start, own.get(free));
    }
    return rows;
  }

  /**
   * The same, in order, each event wholly in another of its row or apart from it: ONNX Runtime cuts starts and durations to
   * microseconds, so that an event may seem to end a microsecond after what it is part of, or after the next began.
   */
  static List<TraceEvent> nested(List<TraceEvent> events) {
    List<TraceEvent> sorted = new ArrayList<>(events);
    sorted.sort(Comparator.comparingInt(TraceEvent::track)
        .thenComparingDouble(TraceEvent::start)
        .thenComparing(Comparator.comparingDouble(TraceEvent::duration).reversed()));
    List<TraceEvent> settled = new ArrayList<>();
    Deque<TraceEvent> open = new ArrayDeque<>();
    for (TraceEvent event : sorted) {
      TraceEvent last = settled.isEmpty() ? event : settled.get(settled.size() - 1);
      double start =
          last.track() == event.track() ? Math.max(event.start(), last.start()) : event.start();
      while (!open.isEmpty()
          && (open.peek().track() != event.track() || endsBefore(open.peek(), event))) {
        TraceEvent done = open.pop();
        start = done.track() == event.track() ? Math.max(start, done.end()) : start;
      }
      double limit = open.isEmpty() ? Double.MAX_VALUE : open.peek().end();
      double end = Math.max(start, Math.min(event.end(), limit));
      TraceEvent fits = event.between(start, end);
      settled.add(fits);
      open.push(fits);
    }
    return settled;
  }

  /** Whether the second follows the first rather than being part of it. */
  private static boolean endsBefore(TraceEvent first, TraceEvent second) {
    return first.end() <= second.start()
        || (first.end() - second.start() <= 2 && second.end() > first.end());
  }
}
