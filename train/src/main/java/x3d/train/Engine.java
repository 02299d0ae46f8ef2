package x3d.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import x3d.collective.Collective;
import x3d.collective.Partition;
import x3d.net.TrainingStep;
import x3d.net.X3D;
import x3d.profile.Profiler;
import x3d.profile.Span;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Provider;
import x3d.runtime.RuntimeTensor;
import x3d.runtime.Session;
import x3d.weights.ParameterLayout;

/**
 * The replicas of one rank, which train together with those of the other ranks: each runs the training step on its share of a
 * micro-batch, then all share the update ({@link ShardedSgd}). A replica is what a batch norm sees; on the CPU several may
 * take turns in one session, since more sessions than cores would only cost memory.
 *
 * <p>All ranks call {@link #microBatch}, {@link #settleGradient}, {@link #update} and {@link #momentum} together.
 */
final class Engine implements AutoCloseable {
  /** Share of the newest batch in BN's running statistics: X3D's {@code bn_mmt}. */
  private static final float BN_MOMENTUM = 0.1f;

  private final TrainingStep step;
  private final Settings settings;
  private final Workers workers;
  private final Collective ranks;
  private final Profiler profiler;
  private final Optimizer optimizer;
  private final float[] statistics;
  /** What the running statistics become with the update under way. */
  private final float[] measured;

  private final List<Session> sessions = new ArrayList<>();
  private final List<Replica> replicas = new ArrayList<>();
  private final HostTensor statisticsTensor;
  private final HostTensor lossScale;
  private final Partition statisticsPartition;
  /** This rank's slice of the statistics' sum over ranks. */
  private final HostTensor ownStatistics;

  private int microBatches;

  /**
   * How replicas run.
   *
   * @param replicas how many this rank has; the others have as many
   * @param devices one a session; replica <i>i</i> uses the session <i>i</i> mod their number
   * @param seed of dropout
   * @param dropoutRate share of the features before the classifier that is left out
   * @param ranks that train together
   * @param sendAhead whether clips go to the devices as soon as they are read, with a session a replica; on the CPU they are
   *     there
   * @param optimizeOnDevice whether parameters and momentum stay on the device; for one replica that trains alone, in one
   *     micro-batch
   * @param profiler notes what updates are made of, or is off
   */
  record Settings(
      int replicas,
      List<Device> devices,
      long seed,
      double dropoutRate,
      Collective ranks,
      boolean sendAhead,
      boolean optimizeOnDevice,
      Profiler profiler) {}

  /**
   * Replicas as a recipe wants them, over sessions that share the threads.
   *
   * @param step of one replica
   * @param parameters flat; not changed, as are the next two
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
    int replicas = Batch.Dimensions.of(recipe, options.ranks()).replicas();
    List<Device> devices = options.sessions(replicas);
    return new Engine(
        step,
        new Settings(
            replicas,
            devices,
            recipe.whole("RNG_SEED"),
            recipe.real("MODEL.DROPOUT_RATE"),
            options.ranks(),
            options.provider() != Provider.CPU,
            optimizesOnDevice(recipe, options, replicas),
            options.profiler()),
        ShardedSgd.Options.of(recipe),
        ParameterGroups.of(step.parameters(), recipe),
        parameters,
        momentum,
        statistics,
        updates);
  }

  /** On the CPU the host's memory is the device's, and its optimizer the faster one. */
  private static boolean optimizesOnDevice(Recipe recipe, TrainOptions options, int replicas) {
    return options.provider() != Provider.CPU
        && replicas == 1
        && options.ranks().size() == 1
        && recipe.integer("SOLVER.ACCUMULATION_STEPS") == 1
        && DeviceOptimizer.takes(ShardedSgd.Options.of(recipe));
  }

  /**
   * @param parameters flat; not changed, as are the next two
   * @param momentum flat
   * @param statistics BN running statistics, flat
   * @param updates how many updates these have seen
   */
  Engine(
      TrainingStep step,
      Settings settings,
      ShardedSgd.Options options,
      ParameterGroups groups,
      float[] parameters,
      float[] momentum,
      float[] statistics,
      long updates) {
    this.step = step;
    this.settings = settings;
    this.ranks = settings.ranks;
    this.profiler = settings.profiler;
    this.statistics = statistics.clone();
    this.measured = statistics.clone();
    this.workers = new Workers(settings.devices.size());
    this.statisticsPartition = Partition.even(statistics.length, 1, ranks.size());
    this.ownStatistics = HostTensor.floats(statisticsPartition.length(ranks.rank()));
    this.statisticsTensor = HostTensor.floats(statistics.length);
    this.lossScale = HostTensor.floats(1);
    statisticsTensor.floats().put(statistics);
    scaleLoss(1);
    float[] moving = groups.moving(momentum);
    try {
      settings.devices.forEach(
          device -> sessions.add(Session.open(step.onnx(), device, profiler.sessions())));
      optimizer = settings.optimizeOnDevice
          ? new DeviceOptimizer(
              sessions.get(0), options, groups, parameters, moving, updates, profiler)
          : new HostOptimizer(
              options,
              groups,
              parameters,
              moving,
              updates,
              settings.replicas,
              workers,
              ranks,
              profiler);
      for (int i = 0; i < settings.replicas; i++) {
        replicas.add(new Replica(step, optimizer.gradients(i)));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Batches in the memory from which the replicas take clips fastest; to be closed before this. */
  List<Batch> batches(Batch.Dimensions dimensions, int count) {
    List<Session> takers = settings.sendAhead ? sessions : List.of();
    List<Batch> made = new ArrayList<>();
    try {
      while (made.size() < count) {
        made.add(new Batch(dimensions, step.options().clips(), takers));
      }
    } catch (RuntimeException e) {
      made.forEach(Batch::close);
      throw e;
    }
    return made;
  }

  /** What one replica's step reads and writes. */
  private static final class Replica implements AutoCloseable {
    private final HostTensor labels;
    private final HostTensor dropoutMask;
    private final HostTensor loss;
    private final HostTensor logits;
    private final RuntimeTensor gradients;
    private final HostTensor batchStatistics;

    /** @param gradients the optimizer's */
    Replica(TrainingStep step, RuntimeTensor gradients) {
      this.gradients = gradients;
      int batch = step.options().batch();
      labels = HostTensor.longs(batch);
      dropoutMask = HostTensor.floats(batch, step.config().dimC5());
      loss = HostTensor.floats(1);
      logits = HostTensor.floats(batch, step.config().numClasses());
      batchStatistics = HostTensor.floats(step.statistics().size());
    }

    @Override
    public void close() {
      for (HostTensor tensor : List.of(labels, dropoutMask, loss, logits, batchStatistics)) {
        tensor.close();
      }
    }
  }

  /**
   * Runs one micro-batch forward and backward and adds its gradients to the update's.
   *
   * @param batch this rank's share of it
   * @param place where the first clip of that share stands in the update's batch
   * @param meter counts its clips
   * @return the mean loss of the share
   */
  double microBatch(Batch batch, int place, Meter meter) {
    profiler.during(
        Span.COMPUTE,
        () -> workers.each(
            replicas.size(), (worker, i) -> run(sessions.get(worker), i, batch, place)));
    double loss = 0;
    for (int i = 0; i < replicas.size(); i++) {
      float own = replicas.get(i).loss.floats().get(0);
      loss += own / replicas.size();
      meter.clips(
          own, replicas.get(i).logits.floats(), step.config().numClasses(), batch.labels(i));
    }
    optimizer.accumulate(microBatches++ == 0);
    if (step.options().measuresStatistics()) {
      profiler.during(Span.EXCHANGE, this::averageStatistics);
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
    Map<String, RuntimeTensor> inputs = new LinkedHashMap<>();
    Map<String, RuntimeTensor> outputs = new LinkedHashMap<>();
    inputs.put("parameters", optimizer.parameters());
    inputs.put("clips", batch.trainingClips(index));
    inputs.put("labels", replica.labels);
    inputs.put("dropout_mask", replica.dropoutMask);
    inputs.put("loss_scale", lossScale);
    outputs.put("loss", replica.loss);
    outputs.put("logits", replica.logits);
    outputs.put("gradients", replica.gradients);
    if (step.options().readsStatistics()) {
      inputs.put("statistics", statisticsTensor);
    }
    if (step.options().measuresStatistics()) {
      outputs.put("batch_statistics", replica.batchStatistics);
    }
    session.run(inputs, outputs);
  }

  /** By step and place in the batch, not by replica: the same clips are dropped however many replicas share them. */
  private void drawDropout(Replica replica, int row, int place) {
    FloatBuffer mask = replica.dropoutMask.floats();
    int features = step.config().dimC5();
    float kept = (float) (1 / (1 - settings.dropoutRate));
    SplittableRandom random = RandomStream.DROPOUT.at(settings.seed, optimizer.updates(), place);
    for (int i = 0; i < features; i++) {
      mask.put(row * features + i, random.nextDouble() < settings.dropoutRate ? 0 : kept);
    }
  }

  private void averageStatistics() {
    FloatBuffer sum = replicas.get(0).batchStatistics.floats();
    for (Replica replica : replicas.subList(1, replicas.size())) {
      FloatBuffer other = replica.batchStatistics.floats();
      for (int i = 0; i < measured.length; i++) {
        sum.put(i, sum.get(i) + other.get(i));
      }
    }
    if (ranks.size() > 1) {
      FloatBuffer own = ownStatistics.floats();
      ranks.reduceScatter(sum, statisticsPartition, own);
      sum.put(statisticsPartition.from(ranks.rank()), own, 0, own.capacity());
      ranks.allGather(sum, statisticsPartition);
    }
    int count = replicas.size() * ranks.size();
    for (int i = 0; i < measured.length; i++) {
      measured[i] = (1 - BN_MOMENTUM) * measured[i] + BN_MOMENTUM * (sum.get(i) / count);
    }
    keepSettled(measured);
  }

  /**
   * Settles the gradient of the micro-batches since the last update, over all ranks.
   *
   * @return its L2 norm; if it is not finite the update must not be made
   */
  double settleGradient() {
    double scale =
        1 / (lossScale.floats().get(0) * (double) replicas.size() * ranks.size() * microBatches);
    microBatches = 0;
    return optimizer.settle(scale);
  }

  /** Leaves the update out: parameters, momentum and running statistics stay as they are. */
  void skip() {
    optimizer.skip();
    System.arraycopy(statistics, 0, measured, 0, measured.length);
  }

  /** What the loss is multiplied by from the next micro-batch on; divided out of the gradient again. */
  void scaleLoss(double scale) {
    lossScale.floats().put(0, (float) scale);
  }

  /** Updates all parameters along the settled gradient, and the running statistics. */
  void update(double rate) {
    optimizer.update(rate);
    replaceStatistics(measured);
  }

  /** All parameters as they are now; a copy. */
  float[] parameters() {
    return optimizer.values();
  }

  /** The momentum of all parameters, from all ranks; a copy. */
  float[] momentum() {
    return optimizer.momentum();
  }

  /** BN's running statistics as they are now; a copy. */
  float[] statistics() {
    return statistics.clone();
  }

  /** Bytes of optimizer state that this rank keeps. */
  long optimizerBytes() {
    return optimizer.stateBytes();
  }

  /** Updates done. */
  long updates() {
    return optimizer.updates();
  }

  /** Those of frozen stages stay as they are, to the last bit. */
  private void keepSettled(float[] values) {
    for (ParameterLayout.Slice slice : step.statistics().slices()) {
      if (step.options().frozenStages().contains(X3D.stage(slice.name()))) {
        System.arraycopy(statistics, slice.offset(), values, slice.offset(), slice.length());
      }
    }
  }

  /** BN's running statistics become these, but for those of frozen stages. */
  void replaceStatistics(float[] measuredStatistics) {
    float[] precise = measuredStatistics.clone();
    keepSettled(precise);
    System.arraycopy(precise, 0, statistics, 0, statistics.length);
    System.arraycopy(precise, 0, measured, 0, statistics.length);
    statisticsTensor.floats().put(statistics);
  }

  /**
   * Runs another graph over the same parameters, each replica's clips by itself.
   *
   * @param scope sessions of that graph, of which each worker has its own
   */
  void each(Scope scope, Batch batch) {
    workers.each(replicas.size(), (worker, i) -> {
      Map<String, RuntimeTensor> inputs = new LinkedHashMap<>();
      inputs.put("parameters", optimizer.parameters());
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
    replicas.forEach(Replica::close);
    if (optimizer != null) {
      optimizer.close();
    }
    sessions.forEach(Session::close);
    List.of(statisticsTensor, lossScale, ownStatistics).forEach(HostTensor::close);
  }
}
