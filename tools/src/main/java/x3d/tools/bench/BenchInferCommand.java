package x3d.tools.bench;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import x3d.classify.Classifier;
import x3d.classify.Views;
import x3d.cli.DeviceOptions;
import x3d.net.Factors;
import x3d.net.ModelMetadata;
import x3d.net.X3DConfig;
import x3d.runtime.ProcessMemory;
import x3d.tools.Json;

/** The views of one video through the network, or a video file to its probabilities. */
@Command(
    name = "infer",
    description = {
      "The views of a video through the network: the latency of one video on all threads, and the",
      "throughput of as many at once as there are threads. With --video from the file on."
    },
    sortOptions = false)
final class BenchInferCommand implements Callable<Integer> {
  @Mixin
  private ModelOptions models;

  @Option(
      names = "--views",
      paramLabel = "N",
      description = "Clips of a video. Default: ${DEFAULT-VALUE}.")
  private int views = 10;

  @Option(
      names = "--video",
      paramLabel = "FILE",
      description = "Decode and scale this video too. Default: the network alone.")
  private Path video;

  @Mixin
  private RoundOptions rounds;

  @Mixin
  private BenchOptions options;

  @Mixin
  private DeviceOptions devices;

  @Mixin
  private PeerOptions peers;

  @Mixin
  private PeerPlacement peerPlacement;

  @Mixin
  private SoakOptions soaks;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    Measurement.Plan plan = rounds.plan();
    Views look = new Views(views, 1);
    int threads = options.threads();
    try (ModelOptions.Model model = models.model();
        Classifier alone = Classifier.open(model.file(), devices.forInference(threads));
        Rival peer = startPeer(alone)) {
      Contender.Work one = work(alone, look);
      Measurement latency = Measurement.of(
          "latency, one at a time", "video", plan, Contender.of(1, one), peer.contender());
      Measurement throughput = Measurement.of(
          "throughput, " + threads + " at a time",
          "video",
          plan,
          Contender.of(threads, atOnce(threads, one)),
          peer.contender());
      Map<String, Object> memory = DeviceMemory.now().figures(peer);
      Optional<Soak> soak = soaks.run(one);
      options.publish(
          new Report(
              "infer",
              settings(model, alone),
              List.of(latency, throughput),
              memory,
              soak,
              ProcessMemory.peakBytes(),
              Machine.here()),
          spec.commandLine().getOut());
      return SoakOptions.verdict(soak, spec.commandLine().getErr(), spec.qualifiedName());
    }
  }

  private Contender.Work work(Classifier classifier, Views look) {
    if (video != null) {
      return () -> classifier.classify(video, look);
    }
    FloatBuffer clips = FloatBuffer.allocate(views * classifier.clipSize(look));
    SplittableRandom random = new SplittableRandom(1);
    while (clips.hasRemaining()) {
      clips.put((float) (random.nextDouble() * 4 - 2)); // as wide as normalised pixels
    }
    return () -> classifier.probabilities(clips, look);
  }

  /** The same work on several threads of our own at once. */
  private static Contender.Work atOnce(int threads, Contender.Work work) {
    return () -> Crowd.run(IntStream.range(0, threads).mapToObj(i -> work).toList());
  }

  private Rival startPeer(Classifier classifier) throws IOException {
    ModelMetadata model = classifier.metadata();
    X3DConfig base = models.config(model.provenance());
    X3DConfig config = new X3DConfig(
        base.widthFactor(),
        base.depthFactor(),
        base.bottleneckFactor(),
        base.dimC1(),
        base.dimC5(),
        classifier.classNames().size(),
        model.numFrames(),
        model.crop(),
        base.channelwise());
    String factors = Json.line(Factors.toMap(config));
    String threads = "" + options.threads();
    List<String> arguments =
        new ArrayList<>(List.of("--factors", factors, "--views", "" + views, "--threads", threads));
    arguments.addAll(peerPlacement.arguments(peers));
    if (video == null) {
      arguments.add(0, "infer");
      return peers.start("x3d_torch.py", arguments);
    }
    arguments.addAll(List.of(
        "--frames",
        "" + model.numFrames(),
        "--rate",
        "" + model.samplingRate(),
        "--fps",
        "" + model.targetFps(),
        "--short-side",
        "" + model.shortSide(),
        "--crop",
        "" + model.crop(),
        video.toString()));
    return peers.start("video.py", arguments);
  }

  private Map<String, Object> settings(ModelOptions.Model model, Classifier classifier) {
    ModelMetadata facts = classifier.metadata();
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("network", facts.variant());
    settings.put("model", model.name());
    settings.put("clip", facts.numFrames() + "x" + facts.crop() + "x" + facts.crop());
    settings.put("views", views);
    settings.put("video", video == null ? null : video.toString());
    settings.put("threads", options.threads());
    settings.put("provider", devices.provider().id());
    return settings;
  }
}
