package x3d.train;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import x3d.runtime.DeviceInfo;
import x3d.runtime.ProcessMemory;

/** Puts what happens in a run into the words of its log. */
final class Reporter {
  private final RunLog log;
  private final RunClock clock;
  private final TrainingListener listener;
  private final RunPlan plan;
  private final int epochs;
  private final int iterations;
  private final int logPeriod;
  private final Optional<FrameCache> cache;
  private Meter period = new Meter();
  /** What the cache had done when the epoch began. */
  private Optional<CacheUse> before = Optional.empty();

  Reporter(
      RunPlan plan,
      RunLog log,
      RunClock clock,
      TrainingListener listener,
      Optional<FrameCache> cache) {
    this.cache = cache;
    this.plan = plan;
    this.log = log;
    this.clock = clock;
    this.listener = listener;
    epochs = plan.epochs();
    iterations = plan.iterations();
    logPeriod = plan.recipe().integer("LOG_PERIOD");
  }

  /**
   * Says what is trained from where on.
   *
   * @param optimizerBytes of optimizer state that this rank keeps
   */
  void start(TrainOptions options, Checkpoint.Progress progress, long optimizerBytes) {
    Map<String, Object> line = ofRun(options);
    line.put("optimizer_bytes_a_rank", optimizerBytes);
    line.put("epoch", progress.epoch());
    line.put("epochs", epochs);
    line.put("iterations", iterations);
    log.line("run", line);
  }

  /** What is trained, on what, and how the work is shared. */
  Map<String, Object> ofRun(TrainOptions options) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("data", plan.training().file().toString());
    line.put("videos", plan.training().size());
    line.put("validation_videos", plan.validation().map(DataSet::size).orElse(0));
    line.put("parameters", plan.step().parameters().size());
    line.put("provider", options.provider().id());
    line.put("device", deviceName(options));
    line.put("devices", plan.replicas());
    line.put("threads", options.threads());
    line.put("precision", Network.precision(plan.recipe()).id());
    line.put("loss_scale", lossScale(plan.recipe()));
    line.put("lowering", plan.step().options().lowering().id());
    line.put("clips_a_device", plan.dimensions().clipsEach());
    line.put("ranks", options.ranks().size());
    line.put("joined_by", options.ranks().describe());
    line.put("batch", plan.batch());
    return line;
  }

  /** Says how fast it was. */
  void performance(Performance found) {
    log.line("performance", found.line());
  }

  /** Of the first: those of a run are of one kind. */
  private static String deviceName(TrainOptions options) {
    int first = options.devices().isEmpty() ? 0 : options.devices().get(0).index();
    return options.provider().availability().devices().stream()
        .filter(device -> device.index() == first)
        .map(DeviceInfo::name)
        .findFirst()
        .orElse(options.provider().id());
  }

  private static Object lossScale(Recipe recipe) {
    OptionalDouble scale = recipe.lossScale();
    return scale.isPresent() && !recipe.flag("TRAIN.MIXED_PRECISION")
        ? (Object) scale.getAsDouble()
        : "dynamic";
  }

  /** Says that an epoch begins or goes on. */
  void startEpoch() {
    clock.startIterations();
    period = new Meter();
    before = cache.map(FrameCache::use);
  }

  /**
   * Says that an update was made.
   *
   * @param meter of this update
   * @param rate its learning rate
   * @param norm of its gradient, before clipping
   * @param scale the loss scale it was computed at
   */
  void update(Checkpoint.Progress progress, Meter meter, double rate, double norm, double scale) {
    clock.iterationDone();
    period.add(meter);
    Map<String, Object> metric = new LinkedHashMap<>();
    metric.put("epoch", progress.epoch() + (double) progress.iteration() / iterations);
    putErrors(metric, meter);
    metric.put("lr", rate);
    metric.put("grad_norm", norm);
    if (scale != 1) {
      metric.put("loss_scale", scale);
    }
    putTimes(metric, meter);
    log.metric("train", progress.step(), metric);
    listener.advanced(new TrainingListener.Advance(
        progress.epoch() + 1,
        epochs,
        progress.iteration(),
        iterations,
        meter.loss(),
        period.clipsPerSecond(),
        period.dataSeconds(),
        period.stepSeconds()));
    if (progress.iteration() % logPeriod == 0) {
      period(progress, rate);
      period = new Meter();
    }
  }

  /**
   * Says that an update was left out.
   *
   * @param used the loss scale that its gradient overflowed at
   * @param next how the loss is scaled from now on
   */
  void overflow(Checkpoint.Progress progress, double used, LossScale next) {
    Map<String, Object> line = epochOf(progress.epoch() + 1);
    line.put("iteration", progress.iteration());
    line.put("loss_scale", used);
    line.put("next_loss_scale", next.value());
    line.put("overflows", next.overflows());
    log.metric("overflow", progress.step(), line);
    log.line("overflow", line);
  }

  /**
   * Says where the time of some updates went.
   *
   * @param folder of the traces
   * @param table its lines
   */
  void profile(Path folder, List<String> table) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("folder", folder.toString());
    line.put("table", table);
    log.line("profile", line);
  }

  private void period(Checkpoint.Progress progress, double rate) {
    Map<String, Object> line = epochOf(progress.epoch() + 1);
    line.put("iteration", progress.iteration());
    line.put("iterations", iterations);
    putErrors(line, period);
    line.put("lr", rate);
    putTimes(line, period);
    line.put("eta", clock.eta((long) epochs * iterations - progress.step()));
    Map<String, Object> memory = new LinkedHashMap<>();
    ProcessMemory.residentBytes().ifPresent(bytes -> memory.put("resident_bytes", bytes));
    memory.put("heap_bytes", ProcessMemory.heapBytes());
    log.metric("memory", progress.step(), memory);
    line.putAll(memory);
    log.line("train_iter", line);
  }

  /** Says that an epoch's updates are done. */
  void epoch(Checkpoint.Progress progress, Meter whole) {
    if (whole.clips() == 0) { // a run resumed between the last update and the epoch's end
      return;
    }
    Map<String, Object> line = epochOf(progress.epoch() + 1);
    putErrors(line, whole);
    putTimes(line, whole);
    before.map(earlier -> cache.orElseThrow().use().since(earlier)).ifPresent(use -> {
      Map<String, Object> metric = epochOf(progress.epoch() + 1);
      putUse(metric, use);
      log.metric("cache", progress.step(), metric);
      putUse(line, use);
    });
    log.line("train_epoch", line);
  }

  /** Says what a validation found; {@code unreadable} videos were left out. */
  void validation(Checkpoint.Progress progress, Meter meter, long unreadable) {
    Map<String, Object> line = epochOf(progress.epoch());
    line.put("top1_err", meter.top1Error());
    line.put("top5_err", meter.top5Error());
    line.put("videos", meter.clips());
    line.put("unreadable", unreadable);
    log.metric("val", progress.step(), line);
    line.put("wall_time", clock.seconds());
    log.line("val_epoch", line);
  }

  void preciseStatistics(int epoch, int batches) {
    Map<String, Object> line = epochOf(epoch);
    line.put("batches", batches);
    log.line("precise_bn", line);
  }

  void replacement(ClipLoader.Replacement replacement) {
    Map<String, Object> line = epochOf(replacement.epoch() + 1);
    line.put("position", replacement.position());
    line.put("video", replacement.video().video());
    line.put("reason", replacement.video().reason());
    line.put("replaced_by", replacement.by());
    log.line("video_replaced", line);
  }

  void unreadable(List<FailedVideo> failed) {
    if (!failed.isEmpty()) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("count", failed.size());
      line.put("videos", failed);
      log.line("videos_unreadable", line);
    }
  }

  /** Says that a file was written. */
  void file(String type, Object file) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("file", file.toString());
    line.put("wall_time", clock.seconds());
    log.line(type, line);
  }

  private Map<String, Object> epochOf(int epoch) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("epoch", epoch);
    line.put("epochs", epochs);
    return line;
  }

  private static void putErrors(Map<String, Object> line, Meter meter) {
    line.put("loss", meter.loss());
    line.put("top1_err", meter.top1Error());
    line.put("top5_err", meter.top5Error());
  }

  private static void putUse(Map<String, Object> line, CacheUse use) {
    line.put("cache_hits", use.hits());
    line.put("cache_misses", use.misses());
    line.put("cache_bytes", use.bytes());
  }

  private void putTimes(Map<String, Object> line, Meter meter) {
    putSeconds(line, meter);
    line.put("wall_time", clock.seconds());
  }

  private static void putSeconds(Map<String, Object> line, Meter meter) {
    line.put("dt_data", meter.dataSeconds());
    line.put("dt_step", meter.stepSeconds());
    line.put("fps", meter.clipsPerSecond());
  }
}
