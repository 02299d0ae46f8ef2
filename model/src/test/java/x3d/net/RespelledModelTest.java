package x3d.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import x3d.graph.Dim;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;
import x3d.weights.Weights;

class RespelledModelTest {
  private static final X3DConfig CONFIG = new X3DConfig(1, 1.1, 2.25, 8, 32, 5, 4, 32, true);

  private static Weights weights() {
    X3D net = new X3D(CONFIG);
    return net.parameters()
        .unpack(net.parameters().initialise(3), Map.of())
        .and(net.statistics().unpack(net.statistics().initialise(3), Map.of()));
  }

  private static ModelMetadata metadata() {
    return ModelMetadata.of(CONFIG, 2, 36, List.of(), Map.of("epoch", "3"));
  }

  private static byte[] exported(Lowering lowering) {
    return exported(lowering, Precision.FLOAT32);
  }

  private static byte[] exported(Lowering lowering, Precision precision) {
    return InferenceModel.build(CONFIG, weights(), metadata(), lowering, precision);
  }

  @Test
  void aModelInFloat16StaysInFloat16() {
    byte[] narrow = exported(Lowering.CONV3D, Precision.FLOAT16);
    assertArrayEquals(
        exported(Lowering.PLANES, Precision.FLOAT16),
        InferenceModel.respelled(narrow, Lowering.PLANES).orElseThrow());
    assertTrue(InferenceModel.respelled(narrow, Lowering.KERNELS).isEmpty());
    byte[] products = exported(Lowering.CONV3D, Precision.FLOAT16_PRODUCTS);
    assertTrue(InferenceModel.respelled(products, Lowering.PLANES).isEmpty());
  }

  @Test
  void anExportedModelIsInAnotherLoweringWhatItWouldHaveBeenExportedAs() {
    byte[] respelled =
        InferenceModel.respelled(exported(Lowering.CONV3D), Lowering.KERNELS).orElseThrow();
    assertArrayEquals(exported(Lowering.KERNELS), respelled);
    assertEquals(metadata().toMap(), OnnxFile.fromBytes(respelled).metadata());
  }

  @Test
  void whatIsNotExportedAsConv3dStaysAsItIs() {
    assertTrue(
        InferenceModel.respelled(exported(Lowering.PLANES), Lowering.KERNELS).isEmpty());
    byte[] bytes = exported(Lowering.CONV3D);
    byte[] truncated = Arrays.copyOf(bytes, bytes.length / 2);
    assertTrue(InferenceModel.respelled(truncated, Lowering.KERNELS).isEmpty());
  }

  @Test
  void aModelWithOtherMetadataOrFreeFramesStaysAsItIs() {
    assertTrue(InferenceModel.respelled(foreign("4", "many"), Lowering.KERNELS).isEmpty());
    assertTrue(
        InferenceModel.respelled(foreign("frames", "32"), Lowering.KERNELS).isEmpty());
  }

  private static byte[] foreign(String frames, String crop) {
    Graph g = new Graph("foreign");
    Dim t = frames.equals("frames") ? Dim.of(frames) : Dim.of(Long.parseLong(frames));
    g.output(
        "probabilities",
        Elementwise.relu(g.input("clips", ElementType.FLOAT, Shape.mixed(1, 3, t, 32, 32))));
    return new OnnxFile(g, Map.of("x3d.crop", crop)).toBytes();
  }
}
