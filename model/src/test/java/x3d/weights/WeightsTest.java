package x3d.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WeightsTest {
  private static final String STEM = "s1.pathway0_stem.conv.weight";
  private static final String DEPTHWISE = "s2.pathway0_res0.branch2.b.weight";

  @Test
  void referenceCasesAreChannelwiseAndDense() {
    assertFalse(Weights.dense(References.tiny()));
    assertTrue(Weights.dense(
        Safetensors.read(References.path("dense/weights.safetensors")).weights()));
  }

  @Test
  void networkThatIsPartlyDenseIsRefused() {
    Weights mixed = new Weights(
        Map.of(STEM, tensor(4, 1, 5, 1, 1), DEPTHWISE, tensor(9, 9, 3, 3, 3)), Map.of());
    String message =
        assertThrows(WeightsException.class, () -> Weights.dense(mixed)).getMessage();
    assertTrue(message.startsWith("neither channelwise nor dense: "), message);
  }

  @Test
  void weightsOfAnotherNetworkAreNeitherDenseNorChannelwise() {
    Weights other = new Weights(Map.of("fc.weight", tensor(2, 2)), Map.of());
    assertEquals(
        "no X3D among 1 tensors: neither s1.pathway0_stem.conv.weight nor any branch2.b.weight",
        assertThrows(WeightsException.class, () -> Weights.dense(other)).getMessage());
  }

  @Test
  void unknownNameIsNamed() {
    assertEquals(
        "no tensor x among these 1",
        assertThrows(WeightsException.class, () -> one("a").get("x")).getMessage());
  }

  @Test
  void joinedWeightsKeepTheirOrderAndTheLaterMetadata() {
    Weights both =
        one("b").withMetadata(Map.of("k", "1")).and(one("a").withMetadata(Map.of("k", "2")));
    assertEquals(List.of("b", "a"), List.copyOf(both.tensors().keySet()));
    assertEquals(Map.of("k", "2"), both.metadata());
  }

  @Test
  void nameInBothIsRefused() {
    assertEquals(
        "both weights hold a tensor a",
        assertThrows(WeightsException.class, () -> one("a").and(one("a"))).getMessage());
  }

  @Test
  void tensorsDifferByShapeAndByBits() {
    assertNotEquals(tensor(2, 1), tensor(1, 2));
    assertNotEquals(
        new WeightTensor(new int[0], new float[] {0f}),
        new WeightTensor(new int[0], new float[] {-0f}));
  }

  @Test
  void valuesThatDoNotFillTheShapeAreRefused() {
    assertEquals(
        "a tensor of shape [2, 3] takes 6 values, not 5",
        assertThrows(WeightsException.class, () -> new WeightTensor(new int[] {2, 3}, new float[5]))
            .getMessage());
  }

  private static Weights one(String name) {
    return new Weights(Map.of(name, tensor(1)), Map.of());
  }

  private static WeightTensor tensor(int... shape) {
    return new WeightTensor(shape, new float[WeightTensor.size(shape)]);
  }
}
