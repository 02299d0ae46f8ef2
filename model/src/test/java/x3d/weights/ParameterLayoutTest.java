package x3d.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ParameterLayoutTest {
  private static final ParameterSpec CONV = spec("a", Initialization.MSRA_FAN_OUT, 54, 1, 3, 3, 3);
  private static final ParameterSpec GAMMA = spec("b", Initialization.ONE, 3);

  @Test
  void slicesLieOneAfterTheOther() {
    ParameterLayout layout = new ParameterLayout(List.of(CONV, GAMMA));
    assertEquals(54 * 27 + 3, layout.size());
    assertEquals(new ParameterLayout.Slice(GAMMA, 54 * 27, 3), layout.slice("b"));
    assertEquals(List.of(layout.slice("a"), layout.slice("b")), layout.slices());
  }

  @Test
  void nameTwiceIsRefused() {
    WeightsException e =
        assertThrows(WeightsException.class, () -> new ParameterLayout(List.of(GAMMA, GAMMA)));
    assertEquals("a layout names each tensor once, but b occurs twice", e.getMessage());
  }

  @Test
  void packIsTheInverseOfUnpack() {
    ParameterLayout layout =
        new ParameterLayout(List.of(GAMMA, spec("c", Initialization.ZERO, 2, 1)));
    float[] flat = {1, 2, 3, 4, 5};
    Weights weights = layout.unpack(flat, Map.of("k", "v"));
    assertArrayEquals(new float[] {4, 5}, weights.get("c").values());
    assertArrayEquals(new int[] {2, 1}, weights.get("c").shape());
    assertArrayEquals(flat, layout.pack(weights));
    assertEquals(Map.of("k", "v"), weights.metadata());
  }

  @Test
  void packNamesAllThatIsMissingOrOfAnotherShape() {
    ParameterLayout layout =
        new ParameterLayout(List.of(GAMMA, spec("c", Initialization.ZERO, 2, 1)));
    Weights weights =
        new Weights(Map.of("c", new WeightTensor(new int[] {2}, new float[2])), Map.of());
    WeightsException e = assertThrows(WeightsException.class, () -> layout.pack(weights));
    assertEquals(
        "the weights do not fit the network: missing 1: b; mismatched 1: c is [2], not [2, 1]",
        e.getMessage());
  }

  @Test
  void flatVectorOfAnotherLengthIsRefused() {
    ParameterLayout layout = new ParameterLayout(List.of(GAMMA));
    WeightsException e =
        assertThrows(WeightsException.class, () -> layout.unpack(new float[4], Map.of()));
    assertEquals("this layout has 3 elements, the flat vector 4", e.getMessage());
  }

  @Test
  void convolutionsStartNormalWithFanOutThatDoesNotDivideByGroups() {
    float[] values = start(CONV);
    assertEquals(0, mean(values), 3 * Math.sqrt(2.0 / (54 * 27)) / Math.sqrt(values.length));
    assertEquals(Math.sqrt(2.0 / (54 * 27)), deviation(values), 0.05 * Math.sqrt(2.0 / (54 * 27)));
  }

  @Test
  void classifierStartsNormalOfAHundredth() {
    assertEquals(
        0.01, deviation(start(spec("w", Initialization.CLASSIFIER_NORMAL, 40, 100))), 0.0005);
  }

  @Test
  void constantsStartAsTheirNamesSay() {
    assertArrayEquals(new float[] {1, 1, 1}, start(GAMMA));
    assertArrayEquals(new float[2], start(spec("z", Initialization.ZERO, 2)));
  }

  @Test
  void sameSeedStartsTheSameAndAnotherDiffers() {
    ParameterLayout layout = new ParameterLayout(List.of(CONV));
    assertArrayEquals(layout.initialise(2), layout.initialise(2));
    assertFalse(Arrays.equals(layout.initialise(2), layout.initialise(3)));
  }

  @Test
  void tensorStartsTheSameWhateverElseIsInTheLayout() {
    ParameterSpec other = spec("before", Initialization.MSRA_FAN_OUT, 4, 4, 1, 1, 1);
    float[] alone = new ParameterLayout(List.of(CONV)).initialise(2);
    float[] behind = new ParameterLayout(List.of(other, CONV)).initialise(2);
    assertArrayEquals(alone, Arrays.copyOfRange(behind, 16, behind.length));
  }

  @Test
  void startIsPinnedBecauseRunsAreRepeatedAcrossJdks() {
    float[] start = new ParameterLayout(List.of(CONV)).initialise(2);
    assertArrayEquals(new float[] {-0.05542115f, -0.024111733f}, Arrays.copyOf(start, 2));
  }

  private static float[] start(ParameterSpec spec) {
    return new ParameterLayout(List.of(spec)).initialise(2);
  }

  private static ParameterSpec spec(String name, Initialization initialization, int... shape) {
    return new ParameterSpec(name, shape, initialization, false);
  }

  private static double mean(float[] values) {
    double sum = 0;
    for (float value : values) {
      sum += value;
    }
    return sum / values.length;
  }

  private static double deviation(float[] values) {
    double mean = mean(values);
    double sum = 0;
    for (float value : values) {
      sum += (value - mean) * (value - mean);
    }
    return Math.sqrt(sum / values.length);
  }
}
