package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.weights.Initialization;
import x3d.weights.ParameterLayout;
import x3d.weights.ParameterSpec;

class CheckpointsTest {
  private static final ParameterLayout PARAMETERS = layout("conv.weight", 5);
  private static final ParameterLayout STATISTICS = layout("bn.running_mean", 2);

  @TempDir
  Path folder;

  private static ParameterLayout layout(String name, int size) {
    return new ParameterLayout(
        List.of(new ParameterSpec(name, new int[] {size}, Initialization.ZERO, false)));
  }

  private Checkpoints checkpoints() {
    return new Checkpoints(folder, PARAMETERS, STATISTICS);
  }

  private static Checkpoint at(int epoch, int iteration) {
    return new Checkpoint(
        new float[] {1, -0f, Float.MIN_VALUE, 3, epoch},
        new float[] {5, 6, 7, 8, iteration},
        new float[] {0.25f, 4},
        new Checkpoint.Progress(
            epoch * 10L + iteration, epoch, iteration, iteration == 0, 12.5, Double.NaN, 3),
        TestRun.recipe("DATA.PATH_PREFIX", "/a \"b\"\n: c"),
        "240000-abcd",
        List.of(new FailedVideo("/v/x.mp4", "x.mp4: is \"broken\"")),
        new LossScale(512, 7, 3, 1),
        "c0ffee");
  }

  @Test
  void readsBackWhatItWroteBitForBit() {
    Checkpoint written = at(3, 4);
    Checkpoint read = checkpoints().read(checkpoints().write(written, () -> {})).checkpoint();
    assertArrayEquals(written.parameters(), read.parameters());
    assertArrayEquals(written.momentum(), read.momentum());
    assertArrayEquals(written.statistics(), read.statistics());
    assertEquals(written.progress(), read.progress());
    assertEquals(written.recipe(), read.recipe());
    assertEquals(written.dataFingerprint(), read.dataFingerprint());
    assertEquals(written.failed(), read.failed());
    assertEquals(written.lossScale(), read.lossScale());
  }

  @Test
  void theNewestIsTheFurthestNotTheLatestWritten() {
    checkpoints().write(at(2, 0), () -> {});
    checkpoints().write(at(10, 7), () -> {});
    checkpoints().write(at(10, 0), () -> {});
    checkpoints().write(at(9, 100), () -> {});
    Checkpoints.Stored newest = checkpoints().newest(reason -> {}).orElseThrow();
    assertEquals(10, newest.checkpoint().progress().epoch());
    assertEquals(7, newest.checkpoint().progress().iteration());
    assertEquals(1, checkpoints().after(at(10, 0).progress()).size());
  }

  @Test
  void aFileCutShortAndOneWithAFlippedBitAreNamedAndSkipped() throws IOException {
    Path whole = checkpoints().write(at(1, 0), () -> {});
    Path cut = checkpoints().write(at(2, 0), () -> {});
    Path flipped = checkpoints().write(at(3, 0), () -> {});
    byte[] bytes = Files.readAllBytes(cut);
    Files.write(cut, java.util.Arrays.copyOf(bytes, bytes.length - 3));
    bytes = Files.readAllBytes(flipped);
    bytes[bytes.length - 9] ^= 1;
    Files.write(flipped, bytes);
    Files.writeString(folder.resolve(".checkpoint_epoch_00009.safetensors.x.tmp"), "half");
    List<String> skipped = new ArrayList<>();
    assertEquals(whole, checkpoints().newest(skipped::add).orElseThrow().file());
    assertEquals(2, skipped.size());
    assertTrue(skipped.get(0).contains("checkpoint_epoch_00003.safetensors: its checksum"));
    assertTrue(skipped.get(1).contains("checkpoint_epoch_00002.safetensors"), skipped.get(1));
  }

  @Test
  void aFileThatIsNoCheckpointIsRefusedWhenNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("x.safetensors"), "something else");
    assertTrue(assertThrows(TrainingException.class, () -> checkpoints().read(file))
        .getMessage()
        .startsWith("cannot resume: "));
  }

  @Test
  void aCheckpointOfAnotherNetworkIsRefused() {
    Path file = checkpoints().write(at(1, 0), () -> {});
    Checkpoints other = new Checkpoints(folder, layout("conv.weight", 6), STATISTICS);
    String message =
        assertThrows(TrainingException.class, () -> other.read(file)).getMessage();
    assertTrue(message.contains("another network"), message);
    assertTrue(message.contains("conv.weight"), message);
  }

  @Test
  void aFolderThatDoesNotExistHoldsNone() {
    Checkpoints none = new Checkpoints(folder.resolve("none"), PARAMETERS, STATISTICS);
    assertEquals(Optional.empty(), none.newest(reason -> {}));
  }

  @Test
  void aCheckpointThatIsCalledOffLeavesNoFile() throws IOException {
    assertThrows(
        TrainingException.class,
        () -> checkpoints().write(at(1, 0), () -> {
          throw new TrainingException("rank 1 has another state");
        }));
    assertEquals(List.of(), checkpoints().files());
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(0, left.count());
    }
  }
}
