package x3d.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;
import x3d.weights.ParameterLayout;
import x3d.weights.Safetensors;

/** Holds the graphs against numbers of SlowFast's own code. */
class ReferenceStepTest {
  private static final Path REFERENCE = Path.of("src/test/resources/reference");

  static List<Arguments> cases() {
    return List.of(
        Arguments.of("tiny", Lowering.CONV3D),
        Arguments.of("tiny", Lowering.PLANES),
        Arguments.of("tiny", Lowering.PLANES_FUSED),
        Arguments.of("tiny", Lowering.KERNELS),
        Arguments.of("dense", Lowering.CONV3D),
        Arguments.of("dense", Lowering.PLANES),
        Arguments.of("dense", Lowering.PLANES_FUSED),
        Arguments.of("dense", Lowering.KERNELS));
  }

  static X3DConfig config(JsonNode c) {
    return new X3DConfig(
        c.get("width_factor").asDouble(),
        c.get("depth_factor").asDouble(),
        c.get("bottleneck_factor").asDouble(),
        c.get("dim_c1").asInt(),
        c.get("dim_c5").asInt(),
        c.get("num_classes").asInt(),
        c.get("frames").asInt(),
        c.get("crop").asInt(),
        c.path("channelwise").asBoolean(true));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void lossGradientsAndBatchStatisticsAreThoseOfSlowFast(String name, Lowering lowering)
      throws IOException {
    Path dir = REFERENCE.resolve(name);
    JsonNode json = new ObjectMapper().readTree(dir.resolve("case.json").toFile());
    X3DConfig config = config(json.get("config"));
    Safetensors batch = Safetensors.read(dir.resolve("batch.safetensors"));
    Safetensors gradients = Safetensors.read(dir.resolve("gradients.safetensors"));
    int n = json.get("batch").asInt();
    TrainingStep step = TrainingStep.build(config, new TrainingStep.Options(n, lowering, 0, false));
    try (Session session = Session.open(step.onnx(), Device.cpu(2));
        HostTensor parameters = HostTensor.floats(step.parameters().size());
        HostTensor clips =
            HostTensor.floats(n, 3, config.numFrames(), config.crop(), config.crop());
        HostTensor labels = HostTensor.longs(n);
        HostTensor mask = HostTensor.floats(n, config.dimC5());
        HostTensor scale = HostTensor.floats(1);
        HostTensor loss = HostTensor.floats(1);
        HostTensor dParameters = HostTensor.floats(step.parameters().size());
        HostTensor measured = HostTensor.floats(step.statistics().size())) {
      parameters
          .floats()
          .put(step.parameters()
              .pack(Safetensors.read(dir.resolve("weights.safetensors")).weights()));
      clips.floats().put(batch.floats("clips"));
      labels.longs().put(batch.longs("labels"));
      for (int i = 0; i < n * config.dimC5(); i++) {
        mask.floats().put(i, 1);
      }
      scale.floats().put(128);
      session.run(
          Map.of(
              "parameters",
              parameters,
              "clips",
              clips,
              "labels",
              labels,
              "dropout_mask",
              mask,
              "loss_scale",
              scale),
          Map.of("loss", loss, "gradients", dParameters, "batch_statistics", measured));
      double expected = json.get("loss").asDouble();
      assertEquals(expected, loss.floats().get(0), 1e-5 * expected);
      for (ParameterLayout.Slice slice : step.parameters().slices()) {
        float[] reference = gradients.floats(slice.name());
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < reference.length; i++) {
          difference +=
              Math.pow(dParameters.floats().get(slice.offset() + i) / 128 - reference[i], 2);
          norm += (double) reference[i] * reference[i];
        }
        if (Math.sqrt(norm) > 1e-6) {
          assertTrue(
              Math.sqrt(difference / norm) < 1e-4,
              slice.name() + " differs by " + Math.sqrt(difference / norm));
        }
      }
      Safetensors after = Safetensors.read(dir.resolve("bn_after_one_forward.safetensors"));
      for (ParameterLayout.Slice slice : step.statistics().slices()) {
        float[] reference = after.floats(slice.name());
        float[] before = Safetensors.read(dir.resolve("weights.safetensors")).floats(slice.name());
        for (int i = 0; i < reference.length; i++) {
          assertEquals(
              reference[i],
              0.9 * before[i] + 0.1 * measured.floats().get(slice.offset() + i),
              1e-5,
              slice.name());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void probabilitiesOfBothEvaluationGraphsAreThoseOfSlowFast(String name, Lowering lowering)
      throws IOException {
    Path dir = REFERENCE.resolve(name);
    JsonNode json = new ObjectMapper().readTree(dir.resolve("case.json").toFile());
    X3DConfig config = config(json.get("config"));
    Safetensors batch = Safetensors.read(dir.resolve("batch.safetensors"));
    Safetensors weights = Safetensors.read(dir.resolve("weights.safetensors"));
    X3D net = new X3D(config);
    int n = json.get("batch").asInt();
    ModelMetadata metadata = ModelMetadata.of(config, 6, 182, List.of(), Map.of());
    try (Session inference = Session.open(
            InferenceModel.build(config, weights.weights(), metadata, lowering), Device.cpu(2));
        Session evaluation = Session.open(EvaluationStep.build(config, lowering), Device.cpu(2));
        HostTensor parameters = HostTensor.floats(net.parameters().size());
        HostTensor statistics = HostTensor.floats(net.statistics().size());
        HostTensor clips =
            HostTensor.floats(n, 3, config.numFrames(), config.crop(), config.crop());
        HostTensor probabilities = HostTensor.floats(n, config.numClasses())) {
      parameters.floats().put(net.parameters().pack(weights.weights()));
      statistics.floats().put(net.statistics().pack(weights.weights()));
      clips.floats().put(batch.floats("clips"));
      float[] expected = batch.floats("eval_probabilities");
      inference.run(Map.of("clips", clips), Map.of("probabilities", probabilities));
      assertClose(expected, probabilities);
      assertEquals(metadata.toMap(), inference.metadata());
      evaluation.run(
          Map.of("parameters", parameters, "statistics", statistics, "clips", clips),
          Map.of("probabilities", probabilities));
      assertClose(expected, probabilities);
    }
  }

  private static void assertClose(float[] expected, HostTensor actual) {
    for (int i = 0; i < expected.length; i++) {
      assertEquals(expected[i], actual.floats().get(i), 1e-5);
    }
  }
}
