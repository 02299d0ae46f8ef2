package x3d.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class LoadReportTest {
  private static final ParameterLayout PARAMETERS = layout("w", "gone", "other");
  private static final ParameterLayout STATISTICS = layout("bn.running_mean");

  @Test
  void everyNameIsInExactlyOneList() {
    LoadReport report = fill(new float[6], new float[2]);
    assertEquals(List.of("w", "bn.running_mean"), report.loaded());
    assertEquals(List.of("gone"), report.missing());
    assertEquals(List.of("extra"), report.unexpected());
    assertEquals(
        List.of(new LoadReport.Mismatch("other", List.of(2), List.of(3))), report.mismatched());
    assertEquals(List.of(), report.filledIn());
  }

  @Test
  void whatDoesNotFitLeavesTheFlatVectorAsItWas() {
    float[] parameters = {9, 9, 9, 9, 9, 9};
    fill(parameters, new float[2]);
    assertArrayEquals(new float[] {1, 2, 9, 9, 9, 9}, parameters);
  }

  @Test
  void exactIsRequiredNamingAllThatIsWrong() {
    LoadReport report = fill(new float[6], new float[2]);
    assertFalse(report.exact());
    WeightsException e = assertThrows(WeightsException.class, report::requireExact);
    assertEquals(
        "the weights do not fit the network: missing 1: gone; mismatched 1: other is [3], not [2];"
            + " unexpected 1: extra",
        e.getMessage());
  }

  @Test
  void textHasALineForEachListThatIsNotEmpty() {
    assertEquals(
        List.of(
            "loaded 2",
            "missing 1: gone",
            "mismatched 1: other is [3], not [2]",
            "unexpected 1: extra"),
        fill(new float[6], new float[2]).toString().lines().toList());
  }

  @Test
  void checkpointOfPytorchVideoLoadsWithItsShortcutNormListedAsFilledIn() {
    Weights weights = PytorchCheckpoint.read(References.path("pyth/pytorchvideo_tiny.pyth"));
    List<ParameterSpec> parameters = new ArrayList<>();
    List<ParameterSpec> statistics = new ArrayList<>();
    References.tiny()
        .tensors()
        .forEach((name, tensor) -> (name.contains(".running_") ? statistics : parameters)
            .add(new ParameterSpec(name, tensor.shape(), Initialization.ZERO, false)));
    ParameterLayout parameterLayout = new ParameterLayout(parameters);
    ParameterLayout statisticLayout = new ParameterLayout(statistics);
    LoadReport report = LoadReport.fill(
        weights,
        parameterLayout,
        new float[parameterLayout.size()],
        statisticLayout,
        new float[statisticLayout.size()]);
    assertTrue(report.requireExact().exact());
    assertEquals(86343, parameterLayout.size());
    assertEquals(136, report.loaded().size());
    assertEquals(
        List.of(
            "s2.pathway0_res0.branch1_bn.weight",
            "s2.pathway0_res0.branch1_bn.bias",
            "s2.pathway0_res0.branch1_bn.running_mean",
            "s2.pathway0_res0.branch1_bn.running_var"),
        report.filledIn());
  }

  private static LoadReport fill(float[] parameters, float[] statistics) {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    tensors.put("extra", new WeightTensor(new int[0], new float[1]));
    tensors.put("w", new WeightTensor(new int[] {2}, new float[] {1, 2}));
    tensors.put("other", new WeightTensor(new int[] {3}, new float[3]));
    tensors.put("bn.running_mean", new WeightTensor(new int[] {2}, new float[2]));
    return LoadReport.fill(
        new Weights(tensors, Map.of()), PARAMETERS, parameters, STATISTICS, statistics);
  }

  private static ParameterLayout layout(String... names) {
    return new ParameterLayout(Arrays.stream(names)
        .map(name -> new ParameterSpec(name, new int[] {2}, Initialization.ZERO, false))
        .toList());
  }
}
