package x3d.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;
import x3d.weights.LoadReport;
import x3d.weights.PytorchCheckpoint;
import x3d.weights.Safetensors;
import x3d.weights.Weights;

/** Checkpoints as users have them, run as our models, give what they gave in PyTorch. */
class CheckpointOutputTest {
  private static final Path REFERENCE = Path.of("src/test/resources/reference");

  @ParameterizedTest
  @CsvSource({
    "slowfast_tiny_zip.pyth, tiny, 1e-5",
    "slowfast_tiny_legacy.pyth, tiny, 1e-5",
    "slowfast_tiny_module_prefix_fp16.pyth, tiny, 2e-3",
    "ascend_dense.pyth, dense, 1e-5"
  })
  void aSlowFastCheckpointGivesItsProbabilities(String file, String name, double tolerance)
      throws IOException {
    Safetensors batch = Safetensors.read(REFERENCE.resolve(name).resolve("batch.safetensors"));
    float[] expected = batch.floats("eval_probabilities");
    float[] actual = probabilities(
        config(name),
        PytorchCheckpoint.read(REFERENCE.resolve("pyth").resolve(file)),
        batch.floats("clips"));
    assertClose(expected, actual, tolerance);
  }

  @Test
  void aPyTorchVideoCheckpointGivesTheSoftmaxOfItsLogits() throws IOException {
    Safetensors io = Safetensors.read(REFERENCE.resolve("pyth/pytorchvideo_tiny_io.safetensors"));
    int classes = io.shape("eval_output")[1];
    float[] expected = softmax(io.floats("eval_output"), classes);
    X3DConfig tiny = config("tiny");
    X3DConfig config = new X3DConfig(
        tiny.widthFactor(),
        tiny.depthFactor(),
        tiny.bottleneckFactor(),
        tiny.dimC1(),
        tiny.dimC5(),
        classes,
        tiny.numFrames(),
        io.shape("clips")[3],
        true);
    float[] actual = probabilities(
        config,
        PytorchCheckpoint.read(REFERENCE.resolve("pyth/pytorchvideo_tiny.pyth")),
        io.floats("clips"));
    assertClose(expected, actual, 1e-5);
  }

  private static X3DConfig config(String name) throws IOException {
    JsonNode c = new ObjectMapper()
        .readTree(REFERENCE.resolve(name).resolve("case.json").toFile())
        .get("config");
    return ReferenceStepTest.config(c);
  }

  private static float[] probabilities(X3DConfig config, Weights weights, float[] clips) {
    X3D net = new X3D(config);
    float[] parameters = new float[net.parameters().size()];
    float[] statistics = new float[net.statistics().size()];
    LoadReport.fill(weights, net.parameters(), parameters, net.statistics(), statistics)
        .requireExact();
    Weights loaded = net.parameters()
        .unpack(parameters, Map.of())
        .and(net.statistics().unpack(statistics, Map.of()));
    ModelMetadata metadata = ModelMetadata.of(config, 6, 182, List.of(), Map.of());
    int n = clips.length / (3 * config.numFrames() * config.crop() * config.crop());
    try (Session session = Session.open(
            InferenceModel.build(config, loaded, metadata, Lowering.CONV3D), Device.cpu(2));
        HostTensor input =
            HostTensor.floats(n, 3, config.numFrames(), config.crop(), config.crop());
        HostTensor output = HostTensor.floats(n, config.numClasses())) {
      input.floats().put(clips);
      session.run(Map.of("clips", input), Map.of("probabilities", output));
      float[] result = new float[n * config.numClasses()];
      output.floats().get(result);
      return result;
    }
  }

  private static float[] softmax(float[] logits, int classes) {
    float[] p = new float[logits.length];
    for (int row = 0; row < logits.length; row += classes) {
      double sum = 0;
      for (int i = row; i < row + classes; i++) {
        sum += Math.exp(logits[i]);
      }
      for (int i = row; i < row + classes; i++) {
        p[i] = (float) (Math.exp(logits[i]) / sum);
      }
    }
    return p;
  }

  private static void assertClose(float[] expected, float[] actual, double tolerance) {
    assertEquals(expected.length, actual.length);
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual[i], tolerance, "element " + i);
    }
  }
}
