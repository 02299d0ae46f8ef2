package x3d.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import x3d.weights.PytorchCheckpoint;
import x3d.weights.Weights;

class FactorSearchTest {
  @ParameterizedTest
  @EnumSource(Variant.class)
  void theVariantsAreFoundByTheirShapes(Variant variant) {
    X3DConfig config = variant.config(7);
    assertEquals(
        Optional.of(config), FactorSearch.of(weights(config), config.numFrames(), config.crop()));
  }

  @ParameterizedTest
  @CsvSource({
    "slowfast_tiny_legacy.pyth, 1.0, true",
    "ascend_dense.pyth, 0.5, false",
    "pytorchvideo_tiny.pyth, 1.0, true"
  })
  void theFactorsOfACheckpointAreFound(String file, double width, boolean channelwise) {
    Weights weights =
        PytorchCheckpoint.read(Path.of("src/test/resources/reference/pyth").resolve(file));
    X3DConfig expected = new X3DConfig(width, 0.4, 2.25, 8, 64, 7, 4, 32, channelwise);
    X3DConfig found = FactorSearch.of(weights, 4, 32).orElseThrow();
    assertEquals(new X3D(expected).parameters(), new X3D(found).parameters());
  }

  @Test
  void otherWeightsHaveNone() {
    assertEquals(Optional.empty(), FactorSearch.of(new Weights(Map.of(), Map.of()), 4, 32));
  }

  private static Weights weights(X3DConfig config) {
    X3D net = new X3D(config);
    return net.parameters().unpack(new float[net.parameters().size()], Map.of());
  }
}
