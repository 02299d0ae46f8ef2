package x3d.classify;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.ModelMetadata;
import x3d.runtime.Device;
import x3d.runtime.Provider;
import x3d.runtime.RuntimeFailure;
import x3d.runtime.Session;
import x3d.video.ClipSpan;
import x3d.video.ClipTransform;
import x3d.video.CropPosition;
import x3d.video.Normalization;
import x3d.video.TemporalSampling;
import x3d.video.Video;
import x3d.video.VideoException;
import x3d.video.VideoInfo;
import x3d.video.VideoLimits;

/**
 * A model file, loaded, that says what videos show. {@link #classify} may be called by several threads at once; each call
 * holds the clips of at most {@value #VIEWS_AT_ONCE} views in memory.
 *
 * <p>On the CPU the model runs with the kernels of our own, where the JVM has the Vector API, whatever its file is spelled in:
 * the same numbers within rounding, in less than half the time. A file in float16 runs as it is: its numbers are its own.
 */
public final class Classifier implements AutoCloseable {
  /** Read in one go through the video; X3D-S with three crops of 182 pixels takes 155 MB for them. */
  private static final int VIEWS_AT_ONCE = 10;

  private static final Logger LOG = LoggerFactory.getLogger(Classifier.class);

  private final Inference inference;
  private final ModelMetadata metadata;
  private final List<String> classNames;
  private final String lowering;

  private Classifier(Inference inference, ModelMetadata metadata, String lowering) {
    this.inference = inference;
    this.metadata = metadata;
    this.lowering = lowering;
    int classes = inference.classes();
    int names = metadata.classNames().size();
    if (names != 0 && names != classes) {
      throw new IllegalArgumentException(
          "it names " + names + " classes and tells " + classes + " apart");
    }
    this.classNames = IntStream.range(0, classes).mapToObj(metadata::nameOf).toList();
  }

  /**
   * Loads a model file as {@code x3d-tools export} and {@code x3d-train} write it.
   *
   * @throws RuntimeFailure if the file cannot be read, or is no ONNX model
   * @throws IllegalArgumentException if the model is not one of x3d
   */
  public static Classifier open(Path model, Device device) {
    return open(model, List.of(device));
  }

  /** As the other, on several devices that share the clips.
   *  @param devices of one provider, 1 or more */
  public static Classifier open(Path model, List<Device> devices) {
    return open(model, devices, Loading.USUAL);
  }

  /** As the other, in another way than usual.
   *  @throws IllegalArgumentException also if the model cannot be spelled as it is to be */
  public static Classifier open(Path model, List<Device> devices, Loading how) {
    byte[] onnx = Session.read(model);
    Provider provider = devices.get(0).provider();
    Spelled spelled = how.lowering().isPresent()
        ? respelled(model, onnx, how.lowering().get())
        : spelledFor(model, onnx, provider);
    Inference inference = load(model, spelled, devices, how);
    if (devices.get(0).provider() == Provider.CPU
        && InferenceModel.saysFloat16(inference.metadata())) {
      LOG.warn(
          "{} is in float16, which a CPU computes more slowly than float32 and without kernels of our"
              + " own; for CPUs export it with --precision float32",
          model);
    }
    try {
      return new Classifier(
          inference, ModelMetadata.fromMap(inference.metadata()), spelled.lowering);
    } catch (RuntimeException e) {
      inference.close();
      throw new IllegalArgumentException(model + ": not a model file of x3d: " + e.getMessage(), e);
    }
  }

  /** A model as it runs, and how it is spelled then. */
  private record Spelled(byte[] onnx, String lowering) {
    static Spelled asInTheFile(byte[] onnx) {
      return new Spelled(onnx, "as in the file");
    }
  }

  private static Spelled respelled(Path model, byte[] onnx, Lowering lowering) {
    return InferenceModel.respelled(onnx, lowering)
        .map(other -> new Spelled(other, lowering.id()))
        .orElseThrow(() -> new IllegalArgumentException(model + " cannot be spelled as "
            + lowering.id() + ": it is not what this version exports as conv3d in float32"));
  }

  private static Inference load(Path model, Spelled spelled, List<Device> devices, Loading how) {
    try {
      Device first = devices.get(0);
      return first.provider() == Provider.CPU
          ? new CoreInference(spelled.onnx, first, how.profiling())
          : new DeviceInference(spelled.onnx, devices, how);
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(model + ": " + e.getMessage(), e);
    }
  }

  private static Spelled spelledFor(Path model, byte[] onnx, Provider provider) {
    return switch (provider) {
      case CPU -> kernels(model, onnx);
      case CUDA -> Spelled.asInTheFile(onnx);
      // It has no 3-D convolution.
      case CANN -> spelled(onnx, Lowering.PLANES);
    };
  }

  private static Spelled spelled(byte[] onnx, Lowering lowering) {
    return InferenceModel.respelled(onnx, lowering)
        .map(other -> new Spelled(other, lowering.id()))
        .orElse(Spelled.asInTheFile(onnx));
  }

  private static Spelled kernels(Path model, byte[] onnx) {
    if (!Provider.CPU.hasKernels()) {
      LOG.warn(
          "this JVM has no Vector API (--add-modules jdk.incubator.vector): {} runs in standard"
              + " operators, which take twice as long",
          model);
      return Spelled.asInTheFile(onnx);
    }
    Spelled kernels = spelled(onnx, Lowering.KERNELS);
    if (kernels.onnx == onnx) {
      LOG.debug(
          "{} runs as it is spelled: it is not what this version exports as conv3d in float32",
          model);
    }
    return kernels;
  }

  /** What the model file says of itself. */
  public ModelMetadata metadata() {
    return metadata;
  }

  /** How the network that runs is spelled: a lowering's name, or "as in the file". */
  public String lowering() {
    return lowering;
  }

  /** What the model file says of itself, for people and programs, without its class names. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("variant", metadata.variant());
    fields.put("frames", metadata.numFrames());
    fields.put("samplingRate", metadata.samplingRate());
    fields.put("targetFps", metadata.targetFps());
    fields.put("shortSide", metadata.shortSide());
    fields.put("crop", metadata.crop());
    fields.put("views", metadata.views());
    fields.put("crops", metadata.crops());
    fields.put("classes", classNames.size());
    fields.put("provenance", new TreeMap<>(metadata.provenance()));
    return fields;
  }

  /** A name a class, in label order; the number where the model file has no names. */
  public List<String> classNames() {
    return classNames;
  }

  /** The views that the model was evaluated with. */
  public Views defaultViews() {
    return new Views(metadata.views(), metadata.crops());
  }

  /**
   * @throws IllegalArgumentException if the model cannot look at a video in this way: one exported for a single clip size
   *     takes no larger crops
   */
  public void require(Views views) {
    long takes = inference.clipSide();
    int crop = crop(views);
    if (takes >= 0 && takes != crop) {
      throw new IllegalArgumentException(
          views.crops() + " crops are " + crop + " pixels high, and this model takes " + takes
              + " only; export it with the lowering conv3d, or ask for another number of crops");
    }
  }

  /** SlowFast's test: one crop is of the size trained with, three are of the whole short side. */
  private int crop(Views views) {
    return views.crops() == 1 ? metadata.crop() : metadata.shortSide();
  }

  /**
   * The mean of the probabilities over all views and crops of a video.
   *
   * @throws VideoException if the file is no video that can be decoded
   * @throws IllegalArgumentException as {@link #require} does
   */
  public Classification classify(Path file, Views views) throws VideoException {
    return classify(file, views, VideoLimits.NONE);
  }

  /**
   * The same for a video from someone one does not know.
   *
   * @param limits {@link VideoLimits#stillWanted} is also run while the network is at work; clips that have not begun when
   *     it throws are given up
   * @throws VideoException also if the video goes beyond the limits
   */
  public Classification classify(Path file, Views views, VideoLimits limits) throws VideoException {
    return classify(file, List.of(views), limits).get(0);
  }

  /**
   * Looks at a video in several ways, each of which has the same answer as alone. Clips that some of them have in common are
   * read and looked at once: the same frames, as often as crops are the same. The times are those of all ways with as many
   * crops.
   *
   * @param looks 1 or more
   * @return an answer for each, in order
   * @throws VideoException if the file is no video that can be decoded; some of the ways might have done with what can be
   * @throws IllegalArgumentException as {@link #require} does
   */
  public List<Classification> classify(Path file, List<Views> looks) throws VideoException {
    return classify(file, looks, VideoLimits.NONE);
  }

  private List<Classification> classify(Path file, List<Views> looks, VideoLimits limits)
      throws VideoException {
    looks.forEach(this::require);
    try (Video video = Video.open(file, 1, limits)) {
      Map<Integer, Pass> passes = new TreeMap<>();
      for (Views views : looks) {
        passes
            .computeIfAbsent(views.crops(), crops -> new Pass(video, views, limits.stillWanted()))
            .want(views);
      }
      for (Pass pass : passes.values()) {
        pass.run();
      }
      return looks.stream()
          .map(views -> passes.get(views.crops()).answer(views))
          .toList();
    }
  }

  /**
   * The network alone, without a video: what it says of each of some clips.
   *
   * @param clips [n, 3, T, S, S] from position 0 to the capacity, where T and S are what these views of the model have; scaled
   *     and normalised
   * @return the probabilities of each clip, in order
   */
  public List<float[]> probabilities(FloatBuffer clips, Views views) {
    return probabilities(clips, views, () -> {});
  }

  /** The same, with something that is run again and again meanwhile: what it throws gives up the clips that have not begun. */
  public List<float[]> probabilities(FloatBuffer clips, Views views, Runnable stillWanted) {
    require(views);
    try (Inference.Clips running = inference.clips(clips, shape(views))) {
      for (int i = 0; i < running.count(); i++) {
        running.start(i);
      }
      return running.probabilities(stillWanted);
    }
  }

  /** Of one clip as {@link #probabilities} takes it: 3, T, S, S. */
  public long[] shape(Views views) {
    return new long[] {3, metadata.numFrames(), crop(views), crop(views)};
  }

  /** Floats of one clip as {@link #probabilities} takes it. */
  public int clipSize(Views views) {
    return 3 * metadata.numFrames() * crop(views) * crop(views);
  }

  @Override
  public void close() {
    inference.close();
  }

  /** One video's way through the model, with one number of crops. */
  private final class Pass {
    private final Video video;
    private final VideoInfo info;
    private final Views views;
    private final Runnable stillWanted;
    private final List<ClipTransform> transforms;
    private final SortedMap<int[], ClipSpan> wanted = new TreeMap<>(Arrays::compare);
    private final SortedMap<int[], List<float[]>> seen = new TreeMap<>(Arrays::compare);
    private long decodeNanos;
    private long inferenceNanos;

    /** @param views whose crops all have that are wanted */
    Pass(Video video, Views views, Runnable stillWanted) {
      this.video = video;
      this.info = video.info();
      this.views = views;
      this.stillWanted = stillWanted;
      this.transforms = transforms();
    }

    void want(Views more) {
      spans(more).forEach(span -> wanted.putIfAbsent(span.frames(), span));
    }

    private List<ClipSpan> spans(Views of) {
      return TemporalSampling.views(
          info.frames(),
          info.fps(),
          metadata.numFrames(),
          metadata.samplingRate(),
          metadata.targetFps(),
          of.views());
    }

    private List<ClipTransform> transforms() {
      Normalization normalization = new Normalization(metadata.mean(), metadata.std());
      List<CropPosition> positions = views.crops() == 1
          ? List.of(CropPosition.CENTER)
          : List.of(CropPosition.LEFT, CropPosition.CENTER, CropPosition.RIGHT);
      return positions.stream()
          .map(position ->
              ClipTransform.of(metadata.shortSide(), crop(views), position, normalization))
          .toList();
    }

    void run() throws VideoException {
      List<ClipSpan> spans = List.copyOf(wanted.values());
      for (int from = 0; from < spans.size(); from += VIEWS_AT_ONCE) {
        look(spans.subList(from, Math.min(from + VIEWS_AT_ONCE, spans.size())));
      }
    }

    Classification answer(Views of) {
      List<float[]> perView =
          spans(of).stream().flatMap(span -> seen.get(span.frames()).stream()).toList();
      return new Classification(
          mean(perView),
          classNames,
          info.frames(),
          info.fps(),
          of,
          spans(of),
          perView,
          decodeNanos / 1_000_000,
          inferenceNanos / 1_000_000);
    }

    private void look(List<ClipSpan> spans) throws VideoException {
      int crops = transforms.size();
      FloatBuffer clips = FloatBuffer.allocate(spans.size() * crops * clipSize(views));
      try (ViewReader reader = new ViewReader(video, spans, transforms, clips);
          Inference.Clips running = inference.clips(clips, shape(views))) {
        long start = 0;
        for (int span = reader.next(); span != ViewReader.END; span = reader.next()) {
          start = start == 0 ? System.nanoTime() : start;
          for (int i = span * crops; i < (span + 1) * crops; i++) {
            running.start(i);
          }
        }
        List<float[]> answers = running.probabilities(stillWanted);
        for (int i = 0; i < spans.size(); i++) {
          seen.put(spans.get(i).frames(), answers.subList(i * crops, (i + 1) * crops));
        }
        inferenceNanos += System.nanoTime() - start;
        decodeNanos += reader.nanos();
      }
    }
  }

  private static float[] mean(List<float[]> all) {
    float[] mean = new float[all.get(0).length];
    for (int i = 0; i < mean.length; i++) {
      double sum = 0;
      for (float[] one : all) {
        sum += one[i];
      }
      mean[i] = (float) (sum / all.size());
    }
    return mean;
  }
}
