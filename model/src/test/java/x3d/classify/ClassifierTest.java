package x3d.classify;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.net.EvaluationStep;
import x3d.net.Lowering;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.RuntimeFailure;
import x3d.runtime.Session;
import x3d.video.ClipSpan;
import x3d.video.ClipTransform;
import x3d.video.CropPosition;
import x3d.video.Frames;
import x3d.video.Normalization;
import x3d.video.TemporalSampling;
import x3d.video.Video;
import x3d.video.VideoException;

final class ClassifierTest {
  @TempDir
  static Path folder;

  static Path model;
  static Path video;

  @BeforeAll
  static void writeModel() throws IOException {
    model = SmallModel.writeTo(folder);
    video = SmallModel.video("part_0.mp4", folder);
  }

  private static Classifier open() {
    return Classifier.open(model, Device.cpu(1));
  }

  @Test
  void probabilitiesAreTheMeanOfTheNetworksAnswersToEachView() throws IOException {
    float[] mean = new float[7];
    try (Video source = Video.open(video);
        Session session = Session.open(model, Device.cpu(1));
        HostTensor clip = HostTensor.floats(1, 3, 4, 32, 32);
        HostTensor answer = HostTensor.floats(1, 7)) {
      Frames all = source.decodeAll();
      for (ClipSpan span : TemporalSampling.views(all.count(), source.info().fps(), 4, 2, 30, 3)) {
        ClipTransform.of(36, 32, CropPosition.CENTER, Normalization.KINETICS)
            .apply(all, span.frames(), clip.floats());
        session.run(Map.of("clips", clip), Map.of("probabilities", answer));
        for (int k = 0; k < 7; k++) {
          mean[k] += answer.floats().get(k) / 3;
        }
      }
    }
    try (Classifier classifier = open()) {
      Classification seen = classifier.classify(video, new Views(3, 1));
      assertArrayEquals(mean, seen.probabilities(), 1e-6f);
      assertEquals(3, seen.perView().size());
      assertEquals(32, seen.frames());
      assertEquals(30, seen.fps());
    }
  }

  @Test
  void manyViewsAreReadInSeveralGoesAndEachCountsOnce() throws IOException {
    try (Classifier classifier = open()) {
      List<float[]> many = classifier.classify(video, new Views(23, 1)).perView();
      List<float[]> half = classifier.classify(video, new Views(46, 1)).perView();
      assertEquals(23, many.size());
      for (int i = 0; i < 23; i++) {
        assertArrayEquals(many.get(i), half.get(2 * i), "view " + i);
      }
    }
  }

  @Test
  void threeCropsShowTheWholeShortSide() throws IOException {
    try (Classifier classifier = open()) {
      assertEquals(6, classifier.classify(video, new Views(2, 3)).perView().size());
    }
  }

  @Test
  void topNamesTheLikeliestClassesInOrder() throws IOException {
    try (Classifier classifier = open()) {
      Classification seen = classifier.classify(video, classifier.defaultViews());
      List<Ranked> top = seen.top(3);
      assertEquals(3, top.size());
      assertTrue(top.get(0).probability() >= top.get(1).probability());
      assertEquals(SmallModel.CLASS_NAMES.get(top.get(0).label()), top.get(0).name());
      assertEquals(7, seen.top(100).size());
      assertEquals(
          1, IntStream.range(0, 7).mapToDouble(k -> seen.probabilities()[k]).sum(), 1e-5);
    }
  }

  @Test
  void classesWithoutNamesGoByNumber() throws IOException {
    Path nameless = SmallModel.writeTo(
        Files.createDirectory(folder.resolve("nameless")), List.of(), Lowering.CONV3D);
    try (Classifier classifier = Classifier.open(nameless, Device.cpu(1))) {
      assertEquals(List.of("0", "1", "2", "3", "4", "5", "6"), classifier.classNames());
    }
  }

  @Test
  void bothLoweringsAnswerAlike() throws IOException {
    Path flat = SmallModel.writeTo(
        Files.createDirectory(folder.resolve("planes")), SmallModel.CLASS_NAMES, Lowering.PLANES);
    try (Classifier planes = Classifier.open(flat, Device.cpu(1));
        Classifier volumes = open()) {
      Views views = new Views(3, 1);
      assertArrayEquals(
          volumes.classify(video, views).probabilities(),
          planes.classify(video, views).probabilities(),
          1e-5f);
      String refusal = assertThrows(
              IllegalArgumentException.class, () -> planes.require(new Views(3, 3)))
          .getMessage();
      assertTrue(
          refusal.startsWith("3 crops are 36 pixels high, and this model takes 32 only"), refusal);
    }
  }

  @Test
  void threadsShareOneClassifier() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try (Classifier classifier = open()) {
      Callable<float[]> look = () -> classifier.classify(video, new Views(3, 1)).probabilities();
      float[] alone = look.call();
      for (Future<float[]> seen : threads.invokeAll(Collections.nCopies(12, look))) {
        assertArrayEquals(alone, seen.get());
      }
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void corruptedVideoIsATypedErrorByName() throws IOException {
    Path corrupted = SmallModel.video("corrupted.mp4", folder);
    try (Classifier classifier = open()) {
      VideoException refusal = assertThrows(
          VideoException.class, () -> classifier.classify(corrupted, new Views(10, 1)));
      assertEquals(corrupted, refusal.video());
      assertTrue(refusal.getMessage().startsWith("corrupted.mp4: "), refusal.getMessage());
    }
  }

  @Test
  void fileThatIsNoModelIsRefusedByName() throws IOException {
    Path text = Files.writeString(folder.resolve("text.onnx"), "hello");
    String refusal = assertThrows(RuntimeFailure.class, () -> Classifier.open(text, Device.cpu(1)))
        .getMessage();
    assertTrue(refusal.contains("text.onnx"), refusal);
  }

  @Test
  void modelOfAnotherMakerIsRefusedByWhatItLacks() throws IOException {
    Path bare = folder.resolve("bare.onnx");
    Files.write(bare, EvaluationStep.build(SmallModel.CONFIG, Lowering.CONV3D));
    String refusal = assertThrows(
            IllegalArgumentException.class, () -> Classifier.open(bare, Device.cpu(1)))
        .getMessage();
    assertTrue(refusal.contains("bare.onnx") && refusal.contains("x3d.variant"), refusal);
  }

  @Test
  void viewsOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Views(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new Views(10, 2));
  }
}
