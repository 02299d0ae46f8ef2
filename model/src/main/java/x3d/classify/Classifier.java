package x3d.classify;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import x3d.net.ModelMetadata;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
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

/**
 * A model file, loaded, that says what videos show. {@link #classify} may be called by several threads at once; each call
 * holds the clips of at most {@value #VIEWS_AT_ONCE} views in memory.
 *
 * <p>Views run one at a time, the first while the others are still being decoded: on the CPU a batch of 10 takes 1.4 to 2.6 times longer a view.
 */
public final class Classifier implements AutoCloseable {
  /** Read in one go through the video; X3D-S with three crops of 182 pixels takes 155 MB for them. */
  private static final int VIEWS_AT_ONCE = 10;

  private static final String INPUT = "clips";
  private static final String OUTPUT = "probabilities";

  private final Session session;
  private final ModelMetadata metadata;
  private final List<String> classNames;

  private Classifier(Session session, ModelMetadata metadata) {
    this.session = session;
    this.metadata = metadata;
    int classes = (int) session.outputShape(OUTPUT)[1];
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
    Session session = Session.open(model, device);
    try {
      return new Classifier(session, ModelMetadata.fromMap(session.metadata()));
    } catch (RuntimeException e) {
      session.close();
      throw new IllegalArgumentException(model + ": not a model file of x3d: " + e.getMessage(), e);
    }
  }

  /** What the model file says of itself. */
  public ModelMetadata metadata() {
    return metadata;
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
    long takes = session.inputShape(INPUT)[3];
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
    require(views);
    try (Video video = Video.open(file)) {
      return new Pass(video, views).run();
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
    List<float[]> all = new ArrayList<>();
    try (Glance glance = new Glance(views)) {
      for (int i = 0; i < clips.capacity() / clipSize(views); i++) {
        all.add(glance.at(clips, i));
      }
    }
    return all;
  }

  /** The memory for one clip after the other through the network. */
  private final class Glance implements AutoCloseable {
    private final HostTensor clip;
    private final HostTensor answer;
    private final int size;

    Glance(Views views) {
      int crop = crop(views);
      clip = HostTensor.floats(1, 3, metadata.numFrames(), crop, crop);
      answer = HostTensor.floats(1, classNames.size());
      size = clipSize(views);
    }

    /** The probabilities of clip {@code index} of some. */
    float[] at(FloatBuffer clips, int index) {
      clip.floats().put(clips.slice(index * size, size));
      session.run(Map.of(INPUT, clip), Map.of(OUTPUT, answer));
      return copy(answer.floats());
    }

    @Override
    public void close() {
      clip.close();
      answer.close();
    }
  }

  /** Floats of one clip as {@link #probabilities} takes it. */
  public int clipSize(Views views) {
    return 3 * metadata.numFrames() * crop(views) * crop(views);
  }

  @Override
  public void close() {
    session.close();
  }

  /** One video's way through the model. */
  private final class Pass {
    private final Video video;
    private final VideoInfo info;
    private final Views views;
    private final List<ClipTransform> transforms;
    private final List<float[]> perView = new ArrayList<>();
    private long decodeNanos;
    private long inferenceNanos;

    Pass(Video video, Views views) {
      this.video = video;
      this.info = video.info();
      this.views = views;
      this.transforms = transforms();
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

    Classification run() throws VideoException {
      List<ClipSpan> spans = TemporalSampling.views(
          info.frames(),
          info.fps(),
          metadata.numFrames(),
          metadata.samplingRate(),
          metadata.targetFps(),
          views.views());
      for (int from = 0; from < spans.size(); from += VIEWS_AT_ONCE) {
        look(spans.subList(from, Math.min(from + VIEWS_AT_ONCE, spans.size())));
      }
      return new Classification(
          mean(perView),
          classNames,
          info.frames(),
          info.fps(),
          views,
          perView,
          decodeNanos / 1_000_000,
          inferenceNanos / 1_000_000);
    }

    private void look(List<ClipSpan> spans) throws VideoException {
      int crops = transforms.size();
      FloatBuffer clips = FloatBuffer.allocate(spans.size() * crops * clipSize(views));
      float[][] answers = new float[spans.size() * crops][];
      try (ViewReader reader = new ViewReader(video, spans, transforms, clips);
          Glance glance = new Glance(views)) {
        for (int span = reader.next(); span != ViewReader.END; span = reader.next()) {
          long start = System.nanoTime();
          for (int i = span * crops; i < (span + 1) * crops; i++) {
            answers[i] = glance.at(clips, i);
          }
          inferenceNanos += System.nanoTime() - start;
        }
        decodeNanos += reader.nanos();
      }
      perView.addAll(List.of(answers));
    }
  }

  private static float[] copy(FloatBuffer buffer) {
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
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
