package x3d.classify;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import x3d.net.InferenceModel;
import x3d.net.Lowering;
import x3d.net.ModelMetadata;
import x3d.net.X3D;
import x3d.net.X3DConfig;
import x3d.weights.Weights;

/** A model file of a few layers with drawn weights: real in all but what it has learnt. For tests of several modules. */
public final class SmallModel {
  public static final X3DConfig CONFIG = new X3DConfig(1.0, 0.4, 2.25, 8, 64, 7, 4, 32, true);
  public static final List<String> CLASS_NAMES =
      List.of("ant", "bee", "cat", "dog", "emu", "fox", "gnu");

  private SmallModel() {}

  /** Weights drawn from a seed; the classifier's are large enough to prefer one class. */
  public static Weights weights() {
    X3D net = new X3D(CONFIG);
    float[] parameters = net.parameters().initialise(1);
    int from = net.parameters().slice("head.projection.weight").offset();
    for (int i = from;
        i < from + net.parameters().slice("head.projection.weight").length();
        i++) {
      parameters[i] *= 100;
    }
    return net.parameters()
        .unpack(parameters, Map.of())
        .and(net.statistics().unpack(net.statistics().initialise(1), Map.of()));
  }

  /** Writes the model into a folder: clips of 4 frames at rate 2, short side 36, 3 views. */
  public static Path writeTo(Path folder) throws IOException {
    return writeTo(folder, CLASS_NAMES, Lowering.CONV3D);
  }

  static Path writeTo(Path folder, List<String> classNames, Lowering lowering) throws IOException {
    ModelMetadata usual = ModelMetadata.of(CONFIG, 2, 36, classNames, Map.of());
    ModelMetadata metadata = new ModelMetadata(
        usual.variant(),
        usual.numFrames(),
        usual.samplingRate(),
        usual.targetFps(),
        usual.shortSide(),
        usual.crop(),
        usual.mean(),
        usual.std(),
        3,
        1,
        usual.classNames(),
        usual.provenance());
    Path file = folder.resolve("small.onnx");
    Files.write(file, InferenceModel.build(CONFIG, weights(), metadata, lowering));
    return file;
  }

  /** A copy of one of the test videos, {@code src/test/resources/videos}, as a file of its own. */
  public static Path video(String name, Path folder) throws IOException {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      try (InputStream in = SmallModel.class.getResourceAsStream("/videos/" + name)) {
        Files.copy(in, file);
      }
    }
    return file;
  }
}
