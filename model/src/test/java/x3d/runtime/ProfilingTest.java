package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;

final class ProfilingTest {
  /** One node that takes some milliseconds. */
  private static byte[] model() {
    Graph g = new Graph("roots");
    Tensor x = g.input("x", ElementType.FLOAT, Shape.of(1 << 20));
    g.output("y", g.scope("s1.pathway0_stem", () -> Elementwise.sqrt(x)));
    return new OnnxFile(g, Map.of()).toBytes();
  }

  private static void run(Session session) {
    try (HostTensor x = HostTensor.floats(1 << 20);
        HostTensor y = HostTensor.floats(1 << 20)) {
      session.run(Map.of("x", x), Map.of("y", y));
    }
  }

  private static List<JsonNode> nodes(SessionTrace trace) throws IOException {
    List<JsonNode> nodes = new ArrayList<>();
    for (JsonNode event : new ObjectMapper().readTree(trace.json())) {
      if (event.get("cat").asText().equals("Node")) {
        nodes.add(event);
      }
    }
    return nodes;
  }

  @Test
  void aSessionNotesItsNodesOnTheClockOfJava() throws IOException {
    try (Profiling profiling = Profiling.on();
        Session session = Session.open(model(), Device.cpu(1), profiling)) {
      run(session);
      long before = System.nanoTime();
      run(session);
      long after = System.nanoTime();
      List<SessionTrace> traces = profiling.end();
      run(session);

      assertEquals(1, traces.size());
      SessionTrace trace = traces.get(0);
      List<JsonNode> nodes = nodes(trace);
      assertEquals(2, nodes.size(), "the third run is not noted");
      JsonNode second = nodes.get(1);
      assertEquals("s1.pathway0_stem/Sqrt_kernel_time", second.get("name").asText());
      assertEquals("Sqrt", second.get("args").get("op_name").asText());
      long start = trace.startNanos() + second.get("ts").asLong() * 1000;
      long end = start + second.get("dur").asLong() * 1000;
      long slack = 1_000_000; // the two clocks are read one after the other
      assertTrue(before - slack < start && end < after + slack, start + " to " + end);
    }
  }

  @Test
  void eachSessionHasItsTraceAndOneThatWasClosedHasNone() throws IOException {
    try (Profiling profiling = Profiling.on();
        Session first = Session.open(model(), Device.cpu(1), profiling)) {
      try (Session closed = Session.open(model(), Device.cpu(1), profiling)) {
        run(closed);
      }
      try (Session other = Session.open(model(), Device.cpu(1), profiling)) {
        run(first);
        run(first);
        run(other);
        List<SessionTrace> traces = profiling.end();
        assertEquals(2, nodes(traces.get(0)).size());
        assertEquals(1, nodes(traces.get(1)).size());
        assertEquals(2, traces.size());
        assertEquals(List.of(), profiling.end());
      }
    }
  }

  @Test
  void whatIsOffNotesNothing() {
    try (Session session = Session.open(model(), Device.cpu(1), Profiling.OFF)) {
      run(session);
      assertEquals(List.of(), Profiling.OFF.end());
    }
  }
}
