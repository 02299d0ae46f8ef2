package x3d.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import x3d.net.TrainingStep;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;

/**
 * Replicas of a network that train together: each runs the training step on its share of a micro-batch, then all share
 * the update ({@link ShardedSgd}). A replica is what a batch norm sees; on the CPU several may take turns in one session,
 * since more sessions than cores would only cost memory.
 */
final class Engine implements AutoCloseable {
  /** Share of the newest batch in BN's running statistics: X3D's {@code bn_mmt}. */
  private static final float BN_MOMENTUM = 0.1f;

  private final TrainingStep step;
  private final Settings settings;
  private final Workers workers;
  private final ShardedSgd sgd;
  private final float[] statistics;
  private final List<Session> sessions = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();
  private final HostTensor parameterTensor;
  private final HostTensor statisticsTensor;
  private final HostTensor lossScale;
  private int microBatches;

  /**
   * How replicas run.
   *
   * @param replicas how many
   * @param devices one a session; replica <i>i</i> uses the session <i>i</i> mod their number
   * @param seed of dropout
   * @param dropoutRate share of the features before the classifier that is left out
   * @param lossScale what the loss is multiplied by before differentiation; divided out again
   */
  record Settings(
      int replicas, List<Device> devices, long seed, double dropoutRate, double lossScale) {}

  /**
   * Replicas as a recipe wants them, over sessions that share the threads.
   *
   * @param step of one replica
   * @param parameters flat; updated in place, as are the next two
   * @param momentum flat
   * @param statistics BN running statistics, flat
   * @param updates how many updates these have seen
   */
  static Engine of(
      Recipe recipe,
      TrainingStep step,
      TrainOptions options,
      float[] parameters,
      float[] momentum,
      float[] statistics,
      long updates) {
    int replicas = Batch.Dimensions.of(recipe).replicas();
    int sessions = Math.min(replicas, options.threads());
    List<Device> devices = new ArrayList<>();
    for (int i = 0; i < sessions; i++) {
      devices.add(new Device(options.provider(), i, options.threads() / sessions));
    }
    return new Engine(
        step,
        new Settings(
            replicas,
            devices,
            recipe.whole("RNG_SEED"),
            recipe.real("MODEL.DROPOUT_RATE"),
            recipe.real("APEX.LOSS_SCALE")),
        ShardedSgd.Options.of(recipe),
        ShardedSgd.Decay.of(step.parameters(), recipe),
        parameters,
        momentum,
        statistics,
        updates);
  }

  /**
   * @param parameters flat; updated in place, as are the next two
   * @param momentum flat
   * @param statistics BN running statistics, flat
   * @param updates how many updates these have seen
   */
  Engine(
      TrainingStep step,
      Settings settings,
      ShardedSgd.Options options,
      ShardedSgd.Decay decay,
      float[] parameters,
      float[] momentum,
      float[] statistics,
      long updates) {
    this.step = step;
    this.settings = settings;
    this.statistics = statistics;
    this.workers = new Workers(settings.devices.size());
    this.sgd = new ShardedSgd(options, decay, parameters, momentum, updates, settings.replicas);
    this.parameterTensor = HostTensor.floats(parameters.length);
    this.statisticsTensor = HostTensor.floats(statistics.length);
    this.lossScale = HostTensor.floats(1);
    parameterTensor.floats().put(parameters);
    statisticsTensor.floats().put(statistics);
    lossScale.floats().put(0, (float) settings.lossScale);
    try {
      settings.devices.forEach(device -> sessions.add(Session.open(step.onnx(), device)));
      for (int i = 0; i < settings.replicas; i++) {
        replicas.add(new Replica(step));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** What one replica's step reads and writes. */
  private static final class Replica implements AutoCloseable {
    private final HostTensor labels;
    private final HostTensor dropoutMask;
    private final HostTensor loss;
    private final HostTensor logits;
    private final HostTensor gradients;
    private final HostTensor batchStatistics;

    Replica(TrainingStep step) {
      int batch = step.options().batch();
      labels = HostTensor.longs(batch);
      dropoutMask = HostTensor.floats(batch, step.config().dimC5());
      loss = HostTensor.floats(1);
      logits = HostTensor.floats(batch, step.config().numClasses());
      gradients = HostTensor.floats(step.parameters().size());
      batchStatistics = HostTensor.floats(step.statistics().size());
    }

    @Override
    public void close() {
      for (HostTensor tensor :
          List.of(labels, dropoutMask, loss, logits, gradients, batchStatistics)) {
        tensor.close();
      }
    }
  }

  /**
   * Runs one micro-batch forward and backward and adds its gradients to the update's.
   *
   * @param place where its first clip stands in the update's batch
   * @param meter counts its clips
   * @return the mean loss; if it is not finite the update must not be made
   */
  double microBatch(Batch batch, int place, Meter meter) {
    workers.each(replicas.size(), (worker, i) -> run(sessions.get(worker), i, batch, place));
    double loss = 0;
    for (int i = 0; i < replicas.size(); i++) {
      float own = replicas.get(i).loss.floats().get(0);
      loss += own / replicas.size();
      meter.clips(
          own, replicas.get(i).logits.floats(), step.config().numClasses(), batch.labels(i));
    }
    if (!Double.isFinite(loss)) {
      return loss;
    }
    List<FloatBuffer> gradients =
        replicas.stream().map(r -> r.gradients.floats()).toList();
    boolean first = microBatches++ == 0;
    workers.each(sgd.shards(), shard -> sgd.reduce(shard, gradients, first));
    if (!step.options().frozenBatchNorm()) {
      averageStatistics();
    }
    return loss;
  }

  private void run(Session session, int index, Batch batch, int place) {
    Replica replica = replicas.get(index);
    int clips = step.options().batch();
    for (int i = 0; i < clips; i++) {
      replica.labels.longs().put(i, batch.labels(index)[i]);
      drawDropout(replica, i, place + index * clips + i);
    }
    Map<String, HostTensor> inputs = new LinkedHashMap<>();
    Map<String, HostTensor> outputs = new LinkedHashMap<>();
    inputs.put("parameters", parameterTensor);
    inputs.put("clips", batch.clips(index));
    inputs.put("labels", replica.labels);
    inputs.put("dropout_mask", replica.dropoutMask);
    inputs.put("loss_scale", lossScale);
    outputs.put("loss", replica.loss);
    outputs.put("logits", replica.logits);
    outputs.put("gradients", replica.gradients);
    if (step.options().frozenBatchNorm()) {
      inputs.put("statistics", statisticsTensor);
    } else {
      outputs.put("batch_statistics", replica.batchStatistics);
    }
    session.run(inputs, outputs);
  }

  /** By step and place in the batch, not by replica: the same clips are dropped however many replicas share them. */
  private void drawDropout(Replica replica, int row, int place) {
    FloatBuffer mask = replica.dropoutMask.floats();
    int features = step.config().dimC5();
    float kept = (float) (1 / (1 - settings.dropoutRate));
    SplittableRandom random = RandomStream.DROPOUT.at(settings.seed, sgd.updates(), place);
    for (int i = 0; i < features; i++) {
      mask.put(row * features + i, random.nextDouble() < settings.dropoutRate ? 0 : kept);
    }
  }

  private void averageStatistics() {
    List<FloatBuffer> measured =
        replicas.stream().map(r -> r.batchStatistics.floats()).toList();
    for (int i = 0; i < statistics.length; i++) {
      float sum = 0;
      for (FloatBuffer of : measured) {
        sum += of.get(i);
      }
      statistics[i] = (1 - BN_MOMENTUM) * statistics[i] + BN_MOMENTUM * (sum / measured.size());
    }
    statisticsTensor.floats().put(statistics);
  }

  /**
   * Settles the gradient of the micro-batches since the last update.
   *
   * @return its L2 norm; if it is not finite the update must not be made
   */
  double settleGradient() {
    double scale = 1 / (settings.lossScale * replicas.size() * microBatches);
    microBatches = 0;
    workers.each(sgd.shards(), shard -> sgd.settle(shard, scale));
    return sgd.gradientNorm();
  }

  /** Updates all parameters along the settled gradient. */
  void update(double rate) {
    FloatBuffer published = parameterTensor.floats();
    workers.each(sgd.shards(), shard -> sgd.update(shard, rate, published));
    sgd.finish();
  }

  /** Updates done. */
  long updates() {
    return sgd.updates();
  }

  /** A copy of the gradient last settled. */
  float[] gradient() {
    return sgd.gradient();
  }

  /** BN's running statistics become these. */
  void replaceStatistics(float[] precise) {
    System.arraycopy(precise, 0, statistics, 0, statistics.length);
    statisticsTensor.floats().put(statistics);
  }

  /**
   * Runs another graph over the same parameters, each replica's clips by itself.
   *
   * @param scope sessions of that graph, of which each worker has its own
   */
  void each(Scope scope, Batch batch) {
    workers.each(replicas.size(), (worker, i) -> {
      Map<String, HostTensor> inputs = new LinkedHashMap<>();
      inputs.put("parameters", parameterTensor);
      inputs.put("clips", batch.clips(i));
      if (scope.readsStatistics) {
        inputs.put("statistics", statisticsTensor);
      }
      scope.sessions.get(worker).run(inputs, Map.of(scope.output, scope.outputs.get(i)));
    });
  }

  /**
   * Opens sessions of another graph.
   *
   * @param output name of its output
   * @param shape of that output for one replica
   */
  Scope open(byte[] onnx, boolean readsStatistics, String output, long... shape) {
    return new Scope(onnx, readsStatistics, output, shape);
  }

  /** Sessions of a graph that is run now and then, and their outputs. */
  final class Scope implements AutoCloseable {
    private final List<Session> sessions = new ArrayList<>();
    private final List<HostTensor> outputs = new ArrayList<>();
    private final boolean readsStatistics;
    private final String output;

    private Scope(byte[] onnx, boolean readsStatistics, String output, long[] shape) {
      this.readsStatistics = readsStatistics;
      this.output = output;
      try {
        settings.devices.forEach(device -> sessions.add(Session.open(onnx, device)));
        replicas.forEach(replica -> outputs.add(HostTensor.floats(shape)));
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }

    /** What replica {@code i}'s run gave, from position 0. */
    FloatBuffer output(int i) {
      return outputs.get(i).floats();
    }

    @Override
    public void close() {
      sessions.forEach(Session::close);
      outputs.forEach(HostTensor::close);
    }
  }

  @Override
  public void close() {
    workers.close();
    sessions.forEach(Session::close);
    replicas.forEach(Replica::close);
    Arrays.asList(parameterTensor, statisticsTensor, lossScale).forEach(HostTensor::close);
  }
}
