package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.bytedeco.onnxruntime.global.onnxruntime;
import org.junit.jupiter.api.Test;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.Linear;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.graph.Tensor;

class AssignmentTest {
  /** oneDNN takes the product and leaves the sign to the CPU. */
  private static byte[] productAndSign() {
    Graph g = new Graph("mixed");
    Tensor x = g.input("x", ElementType.FLOAT, Shape.of(8, 8));
    Tensor w = g.input("w", ElementType.FLOAT, Shape.of(8, 8));
    g.output("y", Elementwise.sign(Linear.matMul(x, w)));
    return new OnnxFile(g, Map.of()).toBytes();
  }

  private static Session onDnnl() {
    Device device = Device.cpu(1);
    return Session.open(productAndSign(), device, options -> {
      Native.check(
          onnxruntime.GetApi(),
          onnxruntime.OrtSessionOptionsAppendExecutionProvider_Dnnl(
              options.asOrtSessionOptions(), 1));
      Provider.CPU.configure(options, device);
    });
  }

  @Test
  void onTheCpuNothingIsLeftToOthers() {
    try (Session session = Session.open(productAndSign(), Device.cpu(1))) {
      assertEquals(List.of(), session.assignment().besides("CPUExecutionProvider"));
      assertEquals(
          Set.of("MatMul", "Sign"),
          session.assignment().nodes().stream()
              .map(Assignment.Placed::operator)
              .collect(Collectors.toSet()));
    }
  }

  @Test
  void nodesThatAProviderLeavesToTheCpuAreCountedAndNamed() {
    try (Session session = onDnnl()) {
      assertEquals(
          List.of(new Assignment.Placed("CPUExecutionProvider", "Sign", "Sign")),
          session.assignment().besides("DnnlExecutionProvider"));
      assertEquals(
          "1 of 2 nodes (1 Sign): Sign", session.assignment().summary("DnnlExecutionProvider"));
    }
  }

  @Test
  void strictSessionsAreRefusedWhereTheProviderLeavesNodes() {
    try (Session session = onDnnl()) {
      session.tellOfOthers("DnnlExecutionProvider", false);
      RuntimeFailure e = assertThrows(
          RuntimeFailure.class, () -> session.tellOfOthers("DnnlExecutionProvider", true));
      assertEquals(
          "DnnlExecutionProvider leaves 1 of 2 nodes (1 Sign): Sign; --strict-ep refuses that",
          e.getMessage());
    }
    Device strict = new Device(Provider.CPU, 0, 1, new ProviderOptions(Map.of(), true));
    try (Session session = Session.open(productAndSign(), strict)) {
      assertTrue(session.assignment().nodes().size() >= 2);
    }
  }
}
