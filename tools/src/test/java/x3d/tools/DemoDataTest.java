package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.train.DataSet;
import x3d.video.Frames;
import x3d.video.Video;

final class DemoDataTest {
  @TempDir
  Path folder;

  @Test
  void everyListedVideoIsARealOneAndClassesAreNamed() throws IOException {
    Cli cli =
        Cli.run("make-demo-data", "--out", folder, "--train", 2, "--val", 1).succeeded();
    assertTrue(cli.out().contains("24 videos of 8 classes"), cli.out());
    assertEquals(8, Files.readAllLines(folder.resolve("classes.txt")).size());
    DataSet train = DataSet.read(folder.resolve("train.csv"), " ", "", 8);
    DataSet val = DataSet.read(folder.resolve("val.csv"), " ", "", 8);
    assertEquals(16, train.size());
    assertEquals(8, val.size());
    for (int i = 0; i < val.size(); i++) {
      assertEquals(i, val.label(i));
      assertEquals(32, Video.probe(val.video(i)).frames());
      assertEquals(30, Video.probe(val.video(i)).fps());
    }
  }

  @Test
  void theSameSeedMakesTheSameFilesAndAnotherSeedOthers() throws Exception {
    for (String place : new String[] {"a", "b"}) {
      new DemoData(1, 1, 7).write(folder.resolve(place), done -> {});
    }
    new DemoData(1, 1, 8).write(folder.resolve("c"), done -> {});
    byte[] first = Files.readAllBytes(folder.resolve("a/val/left_000.mp4"));
    assertArrayEquals(first, Files.readAllBytes(folder.resolve("b/val/left_000.mp4")));
    assertFalse(Arrays.equals(first, Files.readAllBytes(folder.resolve("c/val/left_000.mp4"))));
    assertFalse(Arrays.equals(first, Files.readAllBytes(folder.resolve("a/train/left_000.mp4"))));
  }

  /** Where the second frame shows what the middle of the first one did. */
  @ParameterizedTest
  @CsvSource({"LEFT, -1, 0", "RIGHT, 1, 0", "UP, 0, -1", "DOWN, 0, 1"})
  void shapesMoveAsTheirClassSays(Motion motion, int right, int down) {
    int moved = 0;
    for (int seed = 0; seed < 10; seed++) {
      // Four frames apart, so that the movement is several pixels.
      Frames frames =
          new Frames(5, 64, 80, new MovingShapes(new Random(seed)).draw(motion, 5, 80, 64));
      double with = difference(frames, 5 * right, 5 * down);
      double against = difference(frames, -5 * right, -5 * down);
      moved += with < against ? 1 : 0;
    }
    assertEquals(10, moved);
  }

  private static double difference(Frames frames, int dx, int dy) {
    double sum = 0;
    for (int y = 10; y < 54; y++) {
      for (int x = 10; x < 70; x++) {
        sum += Math.abs(frames.at(0, y, x, 1) - frames.at(4, y + dy, x + dx, 1));
      }
    }
    return sum;
  }

  @Test
  void growingIsShrinkingBackwardsAndTurningOneWayIsTheOtherBackwards() {
    for (int seed = 0; seed < 20; seed++) {
      Motion.Course growing = Motion.GROWING.draw(32, new Random(seed));
      Motion.Course shrinking = Motion.SHRINKING.draw(32, new Random(seed));
      Motion.Course clockwise = Motion.CLOCKWISE.draw(32, new Random(seed));
      Motion.Course back = Motion.COUNTERCLOCKWISE.draw(32, new Random(seed));
      for (int frame = 0; frame < 32; frame++) {
        assertEquals(growing.at(frame).zoom(), shrinking.at(31 - frame).zoom(), 1e-12);
        assertEquals(
            clockwise.at(frame).angle() - clockwise.at(0).angle(),
            back.at(0).angle() - back.at(frame).angle(),
            1e-12);
      }
      assertTrue(growing.at(31).zoom() > growing.at(0).zoom());
    }
  }
}
