package x3d.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import x3d.runtime.SessionTrace;

final class TraceTest {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private static TraceEvent event(String name, String category, double start, double duration) {
    ObjectNode args = JSON.objectNode();
    if (category.equals("Node")) {
      args.put("op_name", name.replaceAll(".*/", ""));
      args.put("output_size", "1000000");
    }
    int track = category.equals("Node") ? 10 : 1;
    return new TraceEvent(name, category, start, duration, track, args);
  }

  private static ObjectNode about(int rank) {
    ObjectNode about = JSON.objectNode();
    about.put("kind", "training").put("network", "X3D-S").put("rank", rank);
    about.putArray("bareMillis").add(8.0).add(10.0);
    return about;
  }

  /** Two steps of 10 ms. */
  private static Trace twoSteps() {
    List<TraceEvent> events = new ArrayList<>();
    for (double at : List.of(0.0, 10_000.0)) {
      events.add(event("step", "step", at, 10_000));
      events.add(event("data", "data", at, 1_000));
      events.add(event("compute", "compute", at + 1_000, 7_000));
      events.add(event("s2.pathway0_res0/branch2.a/Conv", "Node", at + 1_000, 2_000));
      events.add(event("ReorderOutput_token_1", "Node", at + 3_000, 500));
      events.add(event("gradient/s2.pathway0_res0/branch2.a/Conv/Mul", "Node", at + 4_000, 3_000));
      events.add(event("exchange", "exchange", at + 8_000, 500));
      events.add(event("optimizer", "optimizer", at + 8_500, 1_000));
    }
    return new Trace(about(0), Map.of(1, "trainer", 10, "session 0"), events);
  }

  @Example
  void thePhasesAreTheWholeStep() {
    Profile profile = Profile.of(List.of(twoSteps()));
    assertEquals(10, profile.stepMillis());
    assertEquals(9, profile.bareMillis());
    assertEquals(
        List.of(
            "data 1.0",
            "forward 2.5",
            "backward 3.0",
            "between 1.5",
            "exchange 0.5",
            "optimizer 1.0",
            "other 0.5"),
        profile.phases().stream().map(row -> row.name() + " " + row.millis()).toList());
    assertEquals(1, profile.phases().stream().mapToDouble(Row::share).sum(), 1e-12);
  }

  @Example
  void whatLiesBesideANodeCountsToItsLayer() {
    Profile profile = Profile.of(List.of(twoSteps()));
    assertEquals(1, profile.layers().size());
    Row layer = profile.layers().get(0);
    assertEquals("s2.pathway0_res0.branch2.a", layer.name());
    assertEquals(5.5, layer.millis());
    assertEquals(3, layer.calls());
    assertEquals(3e6, layer.bytes());
    assertEquals(3e6 / 5.5e-3, layer.bytesPerSecond(), 1);
    assertEquals(0.5 / 5.5, profile.byNeighbour(), 1e-12);
    assertEquals(0, profile.unattributed());
    assertEquals(
        List.of("s2 forward", "s2 backward"),
        profile.passes().stream().map(Row::name).toList());
  }

  @Example
  void ofSeveralRanksTheMeanIsTaken() {
    Trace one = twoSteps();
    List<TraceEvent> slower = one.events().stream()
        .map(e -> new TraceEvent(
            e.name(), e.category(), 2 * e.start(), 2 * e.duration(), e.track(), e.args()))
        .toList();
    Profile profile = Profile.of(List.of(one, new Trace(about(1), one.tracks(), slower)));
    assertEquals(15, profile.stepMillis());
    assertEquals(8.25, profile.layers().get(0).millis());
  }

  @Example
  void sessionsAtOnceShareTheTime() {
    Trace one = twoSteps();
    List<TraceEvent> twice = new ArrayList<>(one.events());
    one.events().stream()
        .filter(TraceEvent::isNode)
        .map(e -> new TraceEvent(e.name(), e.category(), e.start(), e.duration(), 11, e.args()))
        .forEach(twice::add);
    Profile profile = Profile.of(List.of(new Trace(about(0), one.tracks(), twice)));
    assertEquals(5.5, profile.layers().get(0).millis());
    assertEquals(6, profile.layers().get(0).calls());
  }

  @Example
  void nodesThatNothingTellsOfAreSaid() {
    List<TraceEvent> events =
        List.of(event("step", "step", 0, 100), event("conv1/Conv", "Node", 10, 50));
    Profile profile = Profile.of(List.of(new Trace(about(0), Map.of(), events)));
    assertEquals(1, profile.unattributed());
    assertEquals(Profile.NOT_ATTRIBUTED, profile.layers().get(0).name());
    assertTrue(ProfileTable.lines(profile, 5).stream()
        .anyMatch(line -> line.contains("100.00 % is not attributed")));
  }

  @Example
  void aTraceIsReadAsItWasWritten() throws IOException {
    Path file = Files.createTempFile("trace", ".json");
    try {
      Files.write(file, twoSteps().toBytes());
      assertEquals(twoSteps(), Trace.read(file));
      Files.writeString(file, "[]");
      assertRefused(file, "not a trace of x3d");
      Files.writeString(file, "{\"traceEv");
      assertRefused(file, "not JSON, or not all of it");
    } finally {
      Files.delete(file);
    }
  }

  private static void assertRefused(Path file, String words) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Trace.read(file));
    assertTrue(e.getMessage().startsWith(file + ": " + words), e.getMessage());
  }

  @Example
  void sessionsAndTheThreadAreOnOneClock() {
    byte[] json =
        ("[{\"cat\":\"Session\",\"ph\":\"X\",\"name\":\"model_run\",\"ts\":1500,\"dur\":300,\"tid\":7,"
                + "\"args\":{}},"
                + "{\"cat\":\"Node\",\"ph\":\"X\",\"name\":\"s1.pathway0_stem/Conv_kernel_time\",\"ts\":1510,\"dur\":200,"
                + "\"tid\":7,\"args\":{\"op_name\":\"Conv\",\"thread_scheduling_stats\":{}}},"
                + "{\"cat\":\"Session\",\"ph\":\"X\",\"name\":\"model_run\",\"ts\":9,\"dur\":300,\"tid\":7,\"args\":{}}]")
            .getBytes(StandardCharsets.UTF_8);
    long session = 5_000_000;
    long begun = session + 1_400_000;
    Trace trace = TraceWriter.trace(
        about(0),
        begun,
        List.of(new Profiler.Noted(Span.STEP, begun, begun + 500_000)),
        List.of(new SessionTrace(json, session)));
    assertEquals(
        List.of(
            "step 0.0 500.0 {}",
            "model_run 100.0 300.0 {}",
            "s1.pathway0_stem/Conv 110.0 200.0 {\"op_name\":\"Conv\"}"),
        trace.events().stream()
            .map(e -> e.name() + " " + e.start() + " " + e.duration() + " " + e.args())
            .toList());
    assertEquals(Map.of(1, "trainer", 10, "session 0"), trace.tracks());
  }

  @Property(tries = 300)
  void eventsOfARowLieInEachOtherOrApart(@ForAll("events") List<TraceEvent> events) {
    List<TraceEvent> nested = TraceWriter.nested(events);
    assertEquals(events.size(), nested.size());
    for (int i = 0; i < nested.size(); i++) {
      for (int j = i + 1; j < nested.size(); j++) {
        TraceEvent a = nested.get(i);
        TraceEvent b = nested.get(j);
        if (a.track() == b.track()) {
          assertTrue(a.start() <= b.start(), () -> a + " is before " + b);
          assertTrue(b.start() >= a.end() || b.end() <= a.end(), () -> a + " crosses " + b);
        }
      }
    }
  }

  @Provide
  Arbitrary<List<TraceEvent>> events() {
    return Combinators.combine(
            Arbitraries.integers().between(0, 60),
            Arbitraries.integers().between(0, 30),
            Arbitraries.integers().between(1, 2))
        .as((start, duration, track) ->
            new TraceEvent("a", "Node", start, duration, track, JSON.objectNode()))
        .list()
        .ofMaxSize(25);
  }

  @Example
  void stepsAreNotedAfterTheOthersAndBeforeTheBareOnes() {
    try (Profiler profiler = Profiler.on(new Profiler.Plan(2, 3))) {
      int steps = 0;
      while (profiler.wantsSteps()) {
        assertEquals(Optional.empty(), profiler.complete(about(0)));
        profiler.step(() -> profiler.during(Span.DATA, () -> 1));
        steps++;
      }
      assertEquals(8, steps);
      Trace trace = profiler.complete(about(0)).orElseThrow();
      assertEquals(3, trace.about().get("steps").asInt());
      assertEquals(2, trace.about().get("warmUp").asInt());
      assertEquals(3, trace.about().get("bareMillis").size());
      assertEquals(6, trace.events().size());
      assertEquals(Optional.empty(), profiler.end(about(0)));
    }
  }

  @Example
  void whatEndsDuringTheFirstStepsHasNoTrace() {
    try (Profiler profiler = Profiler.on(new Profiler.Plan(2, 3))) {
      profiler.step(() -> 1);
      assertEquals(Optional.empty(), profiler.end(about(0)));
    }
  }

  @Example
  void whatIsOffTakesStepsAndNotesNothing() {
    assertEquals(5, Profiler.OFF.step(() -> Profiler.OFF.during(Span.DATA, () -> 5)));
    assertFalse(Profiler.OFF.wantsSteps());
    assertEquals(Optional.empty(), Profiler.OFF.end(about(0)));
  }
}
