package x3d.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import x3d.collective.InProcess;
import x3d.net.ClipType;
import x3d.net.EvaluationStep;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.ModelMetadata;
import x3d.net.Precision;
import x3d.net.TrainingStep;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;
import x3d.weights.ParameterLayout;
import x3d.weights.Safetensors;
import x3d.weights.Weights;

/**
 * How far our graphs are from another framework's numbers, kept in a folder: {@code case.json} (factors, loss, gradient
 * norms, hyper-parameters), {@code weights}, {@code batch}, and where they are known {@code gradients},
 * {@code bn_after_one_forward} and {@code weights_after_steps} as safetensors, and {@code trajectory.json}. Null stands
 * for what the folder does not hold.
 *
 * @param lowering the spelling that was compared
 * @param precision the level of mixed precision that it computed in
 * @param evalProbabilities greatest absolute difference
 * @param loss relative difference
 * @param gradients the worst parameter's relative L2 difference, or difference of norms where only those are known;
 *     parameters whose norm is 1e-6 or less are left out
 * @param worstGradient the name of that parameter
 * @param batchStatistics the worst running mean's or variance's relative L2 difference after one forward pass
 * @param trajectory the worst step's relative difference of losses
 * @param weightsAfterSteps the worst parameter's relative L2 difference after the trajectory
 * @param passed whether all are within their tolerance
 */
public record Comparison(
    String lowering,
    String precision,
    Double evalProbabilities,
    Double loss,
    Double gradients,
    String worstGradient,
    Double batchStatistics,
    Double trajectory,
    Double weightsAfterSteps,
    boolean passed) {

  /** The greatest difference allowed, a part. */
  public record Tolerance(
      double evalProbabilities,
      double loss,
      double gradients,
      double batchStatistics,
      double trajectory,
      double weightsAfterSteps) {
    /** What float32 leaves between two right implementations. */
    public static final Tolerance DEFAULT = new Tolerance(1e-5, 1e-5, 1e-4, 1e-5, 1e-3, 1e-2);

    public static Tolerance of(double all) {
      return new Tolerance(all, all, all, all, all, all);
    }
  }

  /** What a loss in mixed precision is scaled by, as the shipped recipe does; divided out again. */
  private static final float MIXED_LOSS_SCALE = 128;

  /** Runs the comparison in float32. */
  public static Comparison of(Path folder, Lowering lowering, Device device, Tolerance tolerance)
      throws IOException {
    return of(folder, lowering, Precision.FLOAT32, device, tolerance);
  }

  /**
   * Runs the comparison.
   *
   * @throws IOException if a file is missing or unreadable
   * @throws IllegalArgumentException if {@code case.json} lacks a value
   * @throws x3d.weights.WeightsException if a tensor is missing or malformed
   */
  public static Comparison of(
      Path folder, Lowering lowering, Precision precision, Device device, Tolerance tolerance)
      throws IOException {
    return new Run(folder, lowering, precision, device).compare(tolerance);
  }

  private static final class Run {
    private final Path folder;
    private final Lowering lowering;
    private final Precision precision;
    private final Device device;
    private final JsonNode json;
    private final X3DConfig config;
    private final X3D net;
    private final int batch;
    private final Weights weights;
    private final float[] clips;
    private final long[] labels;
    private final Safetensors data;

    Run(Path folder, Lowering lowering, Precision precision, Device device) throws IOException {
      this.folder = folder;
      this.lowering = Network.required(lowering, device.provider());
      this.precision = precision;
      this.device = device;
      this.json = new ObjectMapper().readTree(Files.readAllBytes(folder.resolve("case.json")));
      this.config = config();
      this.net = new X3D(config);
      this.batch = (int) number(json, "batch");
      this.weights = Safetensors.read(folder.resolve("weights.safetensors")).weights();
      this.data = Safetensors.read(folder.resolve("batch.safetensors"));
      this.clips = data.floats("clips");
      this.labels = data.longs("labels");
    }

    private double number(JsonNode node, String key) {
      JsonNode value = node.path(key);
      if (!value.isNumber()) {
        throw new IllegalArgumentException(
            folder.resolve("case.json") + ": the number '" + key + "' is missing");
      }
      return value.asDouble();
    }

    private X3DConfig config() {
      JsonNode c = json.path("config");
      return new X3DConfig(
          number(c, "width_factor"),
          number(c, "depth_factor"),
          number(c, "bottleneck_factor"),
          (int) number(c, "dim_c1"),
          (int) number(c, "dim_c5"),
          (int) number(c, "num_classes"),
          (int) number(c, "frames"),
          (int) number(c, "crop"),
          c.path("channelwise").asBoolean(true));
    }

    Comparison compare(Tolerance tolerance) throws IOException {
      Double probabilities = data.names().contains("eval_probabilities") ? probabilities() : null;
      try (Step step = new Step()) {
        float[] parameters = net.parameters().pack(weights);
        step.run(parameters, 0);
        double reference = number(json, "loss");
        double loss = Math.abs(step.loss() - reference) / Math.abs(reference);
        Worst gradient = gradients(step.gradients());
        Double statistics =
            holds("bn_after_one_forward.safetensors") ? statistics(step.statistics()) : null;
        Double trajectory = null;
        Double after = null;
        if (holds("trajectory.json")) {
          trajectory = trajectory(step, parameters);
          after = holds("weights_after_steps.safetensors") ? weightsAfter(parameters) : null;
        }
        boolean passed = within(probabilities, tolerance.evalProbabilities())
            && within(loss, tolerance.loss())
            && within(gradient.difference, tolerance.gradients())
            && within(statistics, tolerance.batchStatistics())
            && within(trajectory, tolerance.trajectory())
            && within(after, tolerance.weightsAfterSteps());
        return new Comparison(
            lowering.id(),
            precision.id(),
            probabilities,
            loss,
            gradient.difference,
            gradient.name,
            statistics,
            trajectory,
            after,
            passed);
      }
    }

    private boolean holds(String file) {
      return Files.exists(folder.resolve(file));
    }

    private static boolean within(Double difference, double tolerance) {
      return difference == null || difference <= tolerance; // NaN is not within
    }

    /** The worse of the exported model's and the evaluation step's. */
    private double probabilities() {
      float[] expected = data.floats("eval_probabilities");
      ModelMetadata metadata = ModelMetadata.of(config, 1, config.crop(), List.of(), Map.of());
      double worst = 0;
      try (HostTensor parameters = HostTensor.floats(net.parameters().size());
          HostTensor statistics = HostTensor.floats(net.statistics().size());
          HostTensor input =
              HostTensor.floats(batch, 3, config.numFrames(), config.crop(), config.crop());
          HostTensor output = HostTensor.floats(batch, config.numClasses())) {
        parameters.floats().put(net.parameters().pack(weights));
        statistics.floats().put(net.statistics().pack(weights));
        input.floats().put(clips);
        try (Session model = Session.open(
            InferenceModel.build(config, weights, metadata, lowering, precision), device)) {
          model.run(Map.of("clips", input), Map.of("probabilities", output));
          worst = greatest(expected, output.floats());
        }
        try (Session model = Session.open(
            EvaluationStep.build(config, lowering, precision, ClipType.FLOAT32), device)) {
          model.run(
              Map.of("parameters", parameters, "statistics", statistics, "clips", input),
              Map.of("probabilities", output));
          return Math.max(worst, greatest(expected, output.floats()));
        }
      }
    }

    private static double greatest(float[] expected, FloatBuffer actual) {
      double worst = 0;
      for (int i = 0; i < expected.length; i++) {
        worst = Math.max(worst, Math.abs(expected[i] - actual.get(i)));
      }
      return worst;
    }

    private record Worst(double difference, String name) {
      Worst or(double other, String otherName) {
        return !(other <= difference) ? new Worst(other, otherName) : this;
      }
    }

    private Worst gradients(float[] gradients) {
      Safetensors full = holds("gradients.safetensors")
          ? Safetensors.read(folder.resolve("gradients.safetensors"))
          : null;
      Worst worst = new Worst(0, null);
      for (ParameterLayout.Slice slice : net.parameters().slices()) {
        double norm = number(json.path("grad_norm"), slice.name());
        if (norm > 1e-6) {
          double difference = full == null
              ? Math.abs(norm(gradients, slice) - norm) / norm
              : relative(gradients, slice, full.floats(slice.name()));
          worst = worst.or(difference, slice.name());
        }
      }
      return worst;
    }

    private static double norm(float[] flat, ParameterLayout.Slice slice) {
      double sum = 0;
      for (int i = slice.offset(); i < slice.offset() + slice.length(); i++) {
        sum += (double) flat[i] * flat[i];
      }
      return Math.sqrt(sum);
    }

    private static double relative(float[] flat, ParameterLayout.Slice slice, float[] reference) {
      double difference = 0;
      double norm = 0;
      for (int i = 0; i < reference.length; i++) {
        difference += Math.pow((double) flat[slice.offset() + i] - reference[i], 2);
        norm += (double) reference[i] * reference[i];
      }
      return Math.sqrt(difference / Math.max(norm, 1e-12));
    }

    private double statistics(float[] measured) {
      double momentum = number(json, "bn_momentum");
      float[] running = net.statistics().pack(weights);
      for (int i = 0; i < running.length; i++) {
        running[i] = (float) ((1 - momentum) * running[i] + momentum * measured[i]);
      }
      Safetensors after = Safetensors.read(folder.resolve("bn_after_one_forward.safetensors"));
      return worst(net.statistics(), running, after);
    }

    private static double worst(ParameterLayout layout, float[] flat, Safetensors reference) {
      double worst = 0;
      for (ParameterLayout.Slice slice : layout.slices()) {
        worst = Math.max(worst, relative(flat, slice, reference.floats(slice.name())));
      }
      return worst;
    }

    private double trajectory(Step step, float[] parameters) throws IOException {
      JsonNode losses = new ObjectMapper()
          .readTree(Files.readAllBytes(folder.resolve("trajectory.json")))
          .path("losses");
      ShardedSgd.Options options = new ShardedSgd.Options(
          number(json, "momentum"),
          0,
          json.path("nesterov").asBoolean(),
          OptionalDouble.empty(),
          OptionalDouble.empty());
      double decay = number(json, "weight_decay");
      double batchNormDecay = number(json, "bn_weight_decay");
      ShardedSgd sgd = new ShardedSgd(
          options,
          ShardedSgd.Decay.of(net.parameters(), spec -> spec.batchNorm() ? batchNormDecay : decay),
          parameters,
          new float[parameters.length],
          0,
          1,
          InProcess.alone());
      double worst = 0;
      for (int k = 0; k < losses.size(); k++) {
        step.run(parameters, k);
        double reference = losses.get(k).asDouble();
        worst = Math.max(worst, Math.abs(step.loss() - reference) / Math.abs(reference));
        sgd.reduce(0, List.of(FloatBuffer.wrap(step.gradients())), true);
        sgd.settle(0, 1);
        sgd.measure();
        sgd.update(0, number(json, "lr"), FloatBuffer.wrap(parameters));
        sgd.finish(FloatBuffer.wrap(parameters));
      }
      return worst;
    }

    private double weightsAfter(float[] parameters) {
      Safetensors after = Safetensors.read(folder.resolve("weights_after_steps.safetensors"));
      return worst(net.parameters(), parameters, after);
    }

    /** The training step with its buffers. */
    private final class Step implements AutoCloseable {
      private final Map<String, HostTensor> given = new HashMap<>();
      private final Map<String, HostTensor> filled = new HashMap<>();
      private final Session session;

      Step() {
        TrainingStep step = TrainingStep.build(
            config,
            new TrainingStep.Options(batch, lowering, 0, false, precision, ClipType.FLOAT32));
        session = Session.open(step.onnx(), device);
        given.put("parameters", HostTensor.floats(net.parameters().size()));
        given.put(
            "clips", HostTensor.floats(batch, 3, config.numFrames(), config.crop(), config.crop()));
        given.put("labels", HostTensor.longs(batch));
        given.put("dropout_mask", HostTensor.floats(batch, config.dimC5()));
        given.put("loss_scale", HostTensor.floats(1));
        filled.put("loss", HostTensor.floats(1));
        filled.put("gradients", HostTensor.floats(net.parameters().size()));
        filled.put("batch_statistics", HostTensor.floats(net.statistics().size()));
        FloatBuffer mask = given.get("dropout_mask").floats();
        while (mask.hasRemaining()) {
          mask.put(1);
        }
        given.get("loss_scale").floats().put(lossScale());
      }

      /** @param roll clip i of the step is clip (i - roll) mod batch of the case */
      void run(float[] parameters, int roll) {
        given.get("parameters").floats().put(parameters);
        FloatBuffer input = given.get("clips").floats();
        int each = clips.length / batch;
        for (int i = 0; i < batch; i++) {
          int source = Math.floorMod(i - roll, batch);
          input.put(clips, source * each, each);
          given.get("labels").longs().put(i, labels[source]);
        }
        session.run(given, filled);
      }

      double loss() {
        return filled.get("loss").floats().get(0);
      }

      float[] gradients() {
        float[] values = read("gradients");
        for (int i = 0; i < values.length; i++) {
          values[i] /= lossScale();
        }
        return values;
      }

      private float lossScale() {
        return precision == Precision.FLOAT32 ? 1 : MIXED_LOSS_SCALE;
      }

      float[] statistics() {
        return read("batch_statistics");
      }

      private float[] read(String output) {
        FloatBuffer buffer = filled.get(output).floats();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
      }

      @Override
      public void close() {
        given.values().forEach(HostTensor::close);
        filled.values().forEach(HostTensor::close);
        session.close();
      }
    }
  }
}
