package x3d.train;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.cli.DeviceOptions;
import x3d.cli.Program;
import x3d.collective.Collective;
import x3d.collective.Cores;
import x3d.collective.InProcess;
import x3d.profile.Profiler;
import x3d.runtime.Device;

/** {@code x3d-train}: trains an X3D network on a folder of videos. */
@Command(
    name = "x3d-train",
    description =
        "Trains an X3D network on the videos listed in DIR/train.csv, validates it on those in"
            + " DIR/val.csv, and writes checkpoints, logs and at last model.onnx to OUT.",
    footer = {
      "",
      "A list holds 'path label' lines; DIR/classes.txt may name the classes, one a line.",
      "KEY VALUE pairs override the recipe as in SlowFast: SOLVER.BASE_LR 0.05 TRAIN.BATCH_SIZE 64",
      "A run that is stopped or killed goes on where its last checkpoint was when started again."
    })
public final class TrainCommand implements Callable<Integer> {
  @Spec
  private CommandSpec spec;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Folder of train.csv, val.csv and classes.txt (DATA.PATH_TO_DATA_DIR).")
  private Path data;

  @Option(
      names = "--output",
      paramLabel = "OUT",
      description = "Folder for all that is written (OUTPUT_DIR).")
  private Path output;

  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = "YAML with SlowFast's keys, or the name of one that is shipped:"
          + " x3d_s_kinetics (the default; 8 devices), x3d_s_kinetics_1p (one device),"
          + " x3d_s_performance and x3d_s_performance_1p (throughput only), x3d_s_finetune (with"
          + " --finetune).")
  private Path recipe;

  @Mixin
  private DeviceOptions device;

  @Option(names = "--epochs", paramLabel = "N", description = "Epochs to train (SOLVER.MAX_EPOCH).")
  private Integer epochs;

  @Option(
      names = "--path-prefix",
      paramLabel = "DIR",
      description = "Folder of relative paths in the lists; theirs by default (DATA.PATH_PREFIX).")
  private Path pathPrefix;

  @Option(
      names = "--performance",
      description = "Only measure how many clips a second are trained, without validation,"
          + " checkpoints or model: performance.json (TRAIN.PERFORMANCE).")
  private boolean performance;

  @Mixin
  private CacheOptions cache;

  @Mixin
  private JobOptions job;

  @Mixin
  private ProfileOptions profile;

  @Option(
      names = "--finetune",
      paramLabel = "FILE",
      description = "Start from the weights of FILE (.pyth, .pt, .safetensors, a checkpoint of an"
          + " earlier run), at epoch 0 and without momentum; a classifier for other classes starts"
          + " afresh (TRAIN.CHECKPOINT_FILE_PATH). It wins over a resume, except of a run that"
          + " began with FILE.")
  private Path finetune;

  @Option(
      names = "--resume",
      paramLabel = "auto|never|FILE",
      description = "Go on from the newest checkpoint in OUT, from none, or from FILE; by default"
          + " auto, unless TRAIN.AUTO_RESUME is False.")
  private String resume;

  @Option(
      names = "--tensorboard",
      description = "Write event files for TensorBoard too (TENSORBOARD.ENABLE), to"
          + " OUT/runs-kinetics or TENSORBOARD.LOG_DIR.")
  private boolean tensorboard;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "CPU threads of this process; by default its part of the cores.")
  private Integer threads;

  @Parameters(paramLabel = "KEY VALUE", description = "Overrides of the recipe.")
  private List<String> overrides = new ArrayList<>();

  /** Runs the command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(Program.of(new TrainCommand()).execute(arguments));
  }

  @Override
  public Integer call() throws Exception {
    Recipe asked;
    Resume from;
    AtomicBoolean stop = new AtomicBoolean();
    try {
      asked = recipe().checked();
      from = resume == null ? Resume.RECIPE : Resume.of(resume);
      options(from, stop, InProcess.alone());
      profile.plan();
    } catch (RecipeException | IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
    // Before the other processes are waited for: a device that is not there should not cost their
    // time.
    device.ofRank(1, devicesOf(asked), 0, 1);
    try {
      return job.run(ranks -> {
        TrainOptions options = options(from, stop, ranks);
        List<Device> devices = device.ofRank(
            options.threads(), devicesOf(asked), ranks.localRank(), ranks.localSize());
        Recipe shared = device.chosen() ? asked.with("NUM_GPUS", devices.size()) : asked;
        try (Profiler profiler = profile.profiler()) {
          return train(shared, options.on(devices).with(profiler), stop);
        }
      });
    } catch (RecipeException e) { // what only the job tells: that it cannot share the batch
      throw new ParameterException(spec.commandLine(), e.getMessage());
    }
  }

  private static int devicesOf(Recipe recipe) {
    return Math.max(1, recipe.integer("NUM_GPUS"));
  }

  private TrainOptions options(Resume from, AtomicBoolean stop, Collective ranks) {
    return new TrainOptions(
        threads == null ? Cores.share(ranks) : threads,
        from,
        stop::get,
        cache.cache(),
        ranks,
        List.of(),
        Profiler.OFF);
  }

  private int train(Recipe asked, TrainOptions options, AtomicBoolean stop) {
    CountDownLatch ended = new CountDownLatch(1);
    Thread hook = new Thread(() -> awaitCheckpoint(stop, ended), "x3d-stop");
    Runtime.getRuntime().addShutdownHook(hook);
    PrintWriter out = spec.commandLine().getOut();
    boolean first = options.ranks().rank() == 0;
    try (ConsoleView view = new ConsoleView(out, first && Terminal.present())) {
      TrainResult result = Trainer.train(asked, options, view);
      if (first) {
        summarise(result, out);
      }
      return 0;
    } finally {
      ended.countDown();
      forget(hook);
    }
  }

  private Recipe recipe() {
    Recipe asked = recipe == null ? Recipe.seed() : Recipe.read(recipe);
    asked = asked.withOverrides(overrides);
    if (data != null) {
      asked = asked.with("DATA.PATH_TO_DATA_DIR", data.toString());
    }
    if (output != null) {
      asked = asked.with("OUTPUT_DIR", output.toString());
    }
    if (epochs != null) {
      asked = asked.with("SOLVER.MAX_EPOCH", epochs);
    }
    if (pathPrefix != null) {
      asked = asked.with("DATA.PATH_PREFIX", pathPrefix.toString());
    }
    if (performance) {
      asked = asked.with("TRAIN.PERFORMANCE", true);
    }
    if (asked.flag("TRAIN.PERFORMANCE") && resume != null) {
      throw new RecipeException(
          "a performance run (TRAIN.PERFORMANCE) begins anew: leave --resume out");
    }
    if (finetune != null) {
      asked = asked
          .with("TRAIN.CHECKPOINT_FILE_PATH", finetune.toString())
          .with("TRAIN.CHECKPOINT_EPOCH_RESET", true);
    }
    if (tensorboard) {
      asked = asked.with("TENSORBOARD.ENABLE", true);
    }
    if (asked.text("DATA.PATH_TO_DATA_DIR").isEmpty()) {
      throw new RecipeException(
          "which videos? name their folder with --data DIR or DATA.PATH_TO_DATA_DIR");
    }
    return asked;
  }

  /** On SIGTERM and Ctrl-C: lets the trainer finish its update and write a checkpoint. */
  private static void awaitCheckpoint(AtomicBoolean stop, CountDownLatch ended) {
    stop.set(true);
    try {
      ended.await(10, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the process is ending: the hook is what waited for this
    }
  }

  private void summarise(TrainResult result, PrintWriter out) {
    PrintWriter err = spec.commandLine().getErr();
    if (!result.failed().isEmpty()) {
      err.println("x3d-train: videos that could not be read: " + result.failed().size());
      result.failed().forEach(video -> err.println("  " + video.video() + ": " + video.reason()));
      err.flush();
    }
    if (Terminal.present() && result.checkpoint() != null) {
      out.println(result
          .model()
          .map(model -> "model: " + model)
          .orElse("stopped; the same command goes on from " + result.checkpoint()));
      out.flush();
    }
  }
}
