package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;

class SessionTest {
  private static Session doubling() {
    Graph graph = new Graph("doubling");
    graph.output("y", Elementwise.scale(graph.input("x", ElementType.FLOAT, Shape.mixed("n")), 2));
    return Session.open(new OnnxFile(graph, Map.of("key", "value")).toBytes(), Device.cpu(1));
  }

  /** Before tensors were viewed anew for each run, this killed the process. */
  @Test
  void sessionsOnSeveralThreadsReadOneTensorAtTheSameTime() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (HostTensor shared = HostTensor.floats(1)) {
      shared.floats().put(21);
      List<Future<Integer>> wrong = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        wrong.add(threads.submit(() -> wrongAnswers(shared, 20_000)));
      }
      for (Future<Integer> count : wrong) {
        assertEquals(0, count.get());
      }
    } finally {
      threads.shutdown();
    }
  }

  private static int wrongAnswers(HostTensor x, int runs) {
    int wrong = 0;
    try (Session session = doubling();
        HostTensor y = HostTensor.floats(1)) {
      for (int i = 0; i < runs; i++) {
        y.floats().put(0, -1);
        session.run(Map.of("x", x), Map.of("y", y));
        wrong += y.floats().get(0) == 42 ? 0 : 1;
      }
    }
    return wrong;
  }

  @Test
  void runsLeaveNoNativeMemoryBehind() throws IOException {
    try (HostTensor x = HostTensor.floats(1)) {
      x.floats().put(21);
      wrongAnswers(x, 200_000);
      long before = residentKib();
      assertEquals(0, wrongAnswers(x, 600_000)); // 32 bytes a tensor bound would be 38 MB
      long grown = residentKib() - before;
      assertTrue(grown < 20_000, "resident memory grew by " + grown + " KiB in 600,000 runs");
    }
  }

  /** Of the whole process, the Java heap given back before. */
  private static long residentKib() throws IOException {
    System.gc();
    Path status = Path.of("/proc/self/status");
    assumeTrue(Files.exists(status), "no /proc here");
    return Files.readAllLines(status).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aNameOrShapeThatDoesNotFitIsRefusedWithWhatWould() {
    try (Session session = doubling();
        HostTensor one = HostTensor.floats(1);
        HostTensor square = HostTensor.floats(2, 2)) {
      assertRefused("the model has no input 'z'; it has [x]", session, Map.of("z", one), Map.of());
      assertRefused("input 'x' is missing", session, Map.of(), Map.of("y", one));
      assertRefused(
          "input 'x' has shape [-1] (-1: free), got [2, 2]",
          session,
          Map.of("x", square),
          Map.of("y", one));
      assertEquals(Map.of("key", "value"), session.metadata());
    }
  }

  private static void assertRefused(
      String message,
      Session session,
      Map<String, HostTensor> given,
      Map<String, HostTensor> filled) {
    assertEquals(
        message,
        assertThrows(RuntimeFailure.class, () -> session.run(given, filled)).getMessage());
  }

  @Test
  void whatIsClosedIsNotUsed() {
    HostTensor tensor = HostTensor.floats(2);
    Session session = doubling();
    tensor.close();
    tensor.close();
    session.close();
    session.close();
    assertThrows(IllegalStateException.class, tensor::floats);
    assertThrows(IllegalStateException.class, () -> session.run(Map.of(), Map.of()));
  }

  @Test
  void aFileThatIsMissingOrNoModelIsNamed(@TempDir Path folder) throws IOException {
    Path missing = folder.resolve("none.onnx");
    Path text = Files.writeString(folder.resolve("text.onnx"), "hello");
    assertEquals(
        "no such model file: " + missing,
        assertThrows(RuntimeFailure.class, () -> Session.open(missing, Device.cpu(1)))
            .getMessage());
    String message = assertThrows(RuntimeFailure.class, () -> Session.open(text, Device.cpu(1)))
        .getMessage();
    assertTrue(message.startsWith(text + ": not a"), message);
  }
}
