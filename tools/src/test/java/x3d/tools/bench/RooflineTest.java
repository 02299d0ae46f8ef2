package x3d.tools.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import x3d.kernel.MachinePeak;
import x3d.net.Variant;

/** Counts of operations and bytes. */
final class RooflineTest {
  private static final Roofline S = Roofline.inference(Variant.S.config(400));

  private static Roofline.Row row(Roofline roofline, String stage, Roofline.Kind kind) {
    return roofline.rows().stream()
        .filter(row -> row.stage().equals(stage) && row.kind() == kind)
        .findFirst()
        .orElseThrow();
  }

  @Test
  void aClipOfX3dSTakesAsManyMultiplyAddsAsPublished() {
    assertEquals(1.96e9, S.macs(), 0.005e9);
  }

  @Test
  void theChannelwiseConvolutionsOfStage2AreThoseOfItsThreeBlocks() {
    double macs = 3 * 54.0 * 13 * 40 * 40 * 27;
    double bytes = 4 * 54 * (13.0 * (80 * 80 + 5 * 40 * 40) + 3 * 27);
    Roofline.Row row = row(S, "s2", Roofline.Kind.CHANNELWISE);
    assertEquals(2 * macs, row.flops());
    assertEquals(bytes, row.bytes());
  }

  @Test
  void aTrainingStepComputesEveryConvolutionThriceButTheFirstTwice() {
    Roofline step = Roofline.training(Variant.S.config(400), 8);
    assertEquals(
        3 * 8 * row(S, "s4", Roofline.Kind.POINTWISE).flops(),
        row(step, "s4", Roofline.Kind.POINTWISE).flops());
    assertEquals(
        2 * 8 * row(S, "s1", Roofline.Kind.DENSE).flops(),
        row(step, "s1", Roofline.Kind.DENSE).flops());
  }

  @Test
  void theSlowerOfComputingAndMovingBoundsAnOperation() {
    MachinePeak peak = new MachinePeak(100, 10);
    List<Roofline.Operation> operations = List.of(
        new Roofline.Operation("s1", Roofline.Kind.HEAD, 1000, 10), // 10 s against 1 s
        new Roofline.Operation("s1", Roofline.Kind.HEAD, 100, 50)); // 1 s against 5 s
    assertEquals(15, new Roofline(operations).total().seconds(peak));
  }

  @Test
  void aMachineComputesMoreThanItMoves() throws InterruptedException {
    MachinePeak peak = MachinePeak.measure(1);
    assertTrue(peak.flopsPerSecond() > 1e9, peak.toString());
    assertTrue(peak.bytesPerSecond() > 1e8, peak.toString());
  }
}
