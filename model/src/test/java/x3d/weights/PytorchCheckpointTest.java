package x3d.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PytorchCheckpointTest {
  @TempDir
  Path folder;

  @ParameterizedTest
  @CsvSource({
    "slowfast_tiny_zip.pyth, zip, tiny",
    "slowfast_tiny_legacy.pyth, legacy, tiny",
    "ascend_dense.pyth, zip, dense"
  })
  void float32CheckpointsHoldTheReferenceWeightsBitForBit(
      String file, String format, String reference) {
    Weights read = PytorchCheckpoint.read(References.path("pyth/" + file));
    Weights expected =
        Safetensors.read(References.path(reference + "/weights.safetensors")).weights();
    assertEquals(expected.tensors(), read.tensors());
    assertEquals(
        List.copyOf(expected.tensors().keySet()), List.copyOf(read.tensors().keySet()));
    assertEquals(format, read.metadata().get(PytorchCheckpoint.FORMAT));
  }

  @Test
  void float16CheckpointUnderModulePrefixHoldsTheReferenceWeightsRounded() {
    Weights read =
        PytorchCheckpoint.read(References.path("pyth/slowfast_tiny_module_prefix_fp16.pyth"));
    Weights expected = References.tiny();
    assertEquals(expected.tensors().keySet(), read.tensors().keySet());
    expected.tensors().forEach((name, tensor) -> {
      assertArrayEquals(tensor.shape(), read.get(name).shape(), name);
      assertArrayEquals(tensor.values(), read.get(name).values(), 2e-3f, name);
    });
  }

  @Test
  void metadataSaysWhatWasLeftAside() {
    assertEquals(
        Map.of(
            "source", "slowfast_tiny_zip.pyth",
            "source.format", "zip",
            "source.names", "slowfast",
            "source.epoch", "29",
            "source.ignored", "optimizer_state, cfg",
            "source.dropped", "num_batches_tracked of 24 batch norms"),
        PytorchCheckpoint.read(References.path("pyth/slowfast_tiny_zip.pyth")).metadata());
  }

  @Test
  void pytorchVideoCheckpointHasSlowFastsNamesAndShapes() {
    Weights read = PytorchCheckpoint.read(References.path("pyth/pytorchvideo_tiny.pyth"));
    assertEquals(shapes(References.tiny()), shapes(read));
    assertEquals("pytorchvideo", read.metadata().get(PytorchCheckpoint.NAMES));
  }

  /** First values as Python reads them; the stem's two are the wrong way round in PyTorchVideo's names. */
  @ParameterizedTest
  @CsvSource({
    "s1.pathway0_stem.conv_xy.weight, 0.09322537, 0.1750735",
    "s1.pathway0_stem.conv.weight, 0.4732181, -0.13444385",
    "s1.pathway0_stem.bn.running_var, 1.445473, 1.0016768",
    "s2.pathway0_res0.branch1.weight, 0.5686949, -0.0820153",
    "s2.pathway0_res0.branch2.a.weight, -0.14104691, 0.20051956",
    "s2.pathway0_res0.branch2.a_bn.running_mean, -0.08533945, 0.21902631",
    "s2.pathway0_res0.branch2.b.weight, -0.01821957, 0.07713287",
    "s2.pathway0_res0.branch2.b_bn.bias, -0.08940798, 0.13304576",
    "s2.pathway0_res0.branch2.se.fc1.weight, 0.2595198, -0.06030794",
    "s2.pathway0_res0.branch2.se.fc2.weight, -0.26491094, 0.6268023",
    "s2.pathway0_res0.branch2.c.weight, 0.22439983, 0.08176234"
  })
  void pytorchVideoValuesLandUnderTheRightNames(String name, float first, float second) {
    float[] values = PytorchCheckpoint.read(References.path("pyth/pytorchvideo_tiny.pyth"))
        .get(name)
        .values();
    assertEquals(first, values[0], 1e-7f);
    assertEquals(second, values[1], 1e-7f);
  }

  @Test
  void shortcutNormThatPytorchVideoLacksIsAnExactIdentityAndSaidToBeMadeUp() {
    Weights read = PytorchCheckpoint.read(References.path("pyth/pytorchvideo_tiny.pyth"));
    String norm = "s2.pathway0_res0.branch1_bn.";
    assertEquals(
        norm + "weight, " + norm + "bias, " + norm + "running_mean, " + norm + "running_var",
        read.metadata().get(PytorchCheckpoint.FILLED_IN));
    assertEquals(1f, read.get(norm + "weight").values()[7]);
    assertEquals(0f, read.get(norm + "bias").values()[7]);
    assertEquals(0f, read.get(norm + "running_mean").values()[7]);
    assertEquals(1f, read.get(norm + "running_var").values()[7] + 1e-5f);
  }

  @Test
  void slowFastCheckpointGetsNothingFilledIn() {
    assertFalse(PytorchCheckpoint.read(References.path("pyth/slowfast_tiny_zip.pyth"))
        .metadata()
        .containsKey(PytorchCheckpoint.FILLED_IN));
  }

  @Test
  void denseFormShowsInTheShapes() {
    assertTrue(Weights.dense(PytorchCheckpoint.read(References.path("pyth/ascend_dense.pyth"))));
    assertFalse(
        Weights.dense(PytorchCheckpoint.read(References.path("pyth/pytorchvideo_tiny.pyth"))));
  }

  @Test
  void transposedViewWithAnOffsetIsReadInRowMajorOrder() {
    byte[] pickle = PickleBytes.pickle()
        .op('}')
        .text("t")
        .tensor("FloatStorage", "0", 7, 1, new int[] {3, 2}, new int[] {1, 3})
        .op('s')
        .stop();
    Path file =
        PickleBytes.zip(folder, pickle, Map.of("0", PickleBytes.littleEndian(0, 1, 2, 3, 4, 5, 6)));
    WeightTensor tensor = PytorchCheckpoint.read(file).get("t");
    assertArrayEquals(new int[] {3, 2}, tensor.shape());
    assertArrayEquals(new float[] {1, 4, 2, 5, 3, 6}, tensor.values());
  }

  /** What {@code torch.save(..., pickle_protocol=4)} writes: names from the stack, short texts, implicit memo. */
  @Test
  void pickleOfProtocolFourIsReadToo() {
    byte[] pickle = new PickleBytes()
        .op(0x80)
        .op(4)
        .op('}')
        .op(0x94)
        .op(0x8c)
        .op(1)
        .ascii("t")
        .op(0x94)
        .text("torch._utils")
        .text("_rebuild_tensor_v2")
        .op(0x93)
        .mark()
        .mark()
        .text("storage")
        .text("torch")
        .text("FloatStorage")
        .op(0x93)
        .text("0")
        .text("cuda:0")
        .number(1)
        .tuple()
        .op('Q')
        .number(0)
        .numbers(1)
        .numbers(1)
        .tuple()
        .reduce()
        .op('s')
        .stop();
    Path file = PickleBytes.zip(folder, pickle, Map.of("0", PickleBytes.littleEndian(2.5f)));
    assertArrayEquals(new float[] {2.5f}, PytorchCheckpoint.read(file).get("t").values());
  }

  @ParameterizedTest
  @CsvSource({
    "DoubleStorage, 000000000000F83F, 1.5",
    "BFloat16Storage, C0BF, -1.5",
    "HalfStorage, 0100, 5.9604645e-8",
    "HalfStorage, 00C2, -3",
    "HalfStorage, FF7B, 65504",
    "HalfStorage, 00FC, -Infinity",
    "HalfStorage, 007E, NaN",
    "LongStorage, FEFFFFFFFFFFFFFF, -2",
    "ByteStorage, FF, 255"
  })
  void everyElementTypeIsWidenedToFloat32(String storage, String hex, float expected) {
    byte[] pickle = PickleBytes.pickle()
        .op('}')
        .text("t")
        .tensor(storage, "0", 1, 0, new int[0], new int[0])
        .op('s')
        .stop();
    Path file = PickleBytes.zip(folder, pickle, Map.of("0", HexFormat.of().parseHex(hex)));
    assertEquals(expected, PytorchCheckpoint.read(file).get("t").values()[0]);
  }

  @Test
  void tensorBeyondItsStorageIsRefusedByName() {
    byte[] pickle = PickleBytes.pickle()
        .op('}')
        .text("far")
        .tensor("FloatStorage", "0", 2, 1, new int[] {2}, new int[] {1})
        .op('s')
        .stop();
    Path file = PickleBytes.zip(folder, pickle, Map.of("0", PickleBytes.littleEndian(1, 2)));
    WeightsException e = assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
    assertEquals(file + ": far reaches beyond the 2 elements of its storage", e.getMessage());
  }

  @Test
  void storageThatTheFileCutsShortIsNamed() {
    byte[] pickle = PickleBytes.pickle()
        .op('}')
        .text("t")
        .tensor("FloatStorage", "0", 2, 0, new int[] {2}, new int[] {1})
        .op('s')
        .stop();
    Path file = PickleBytes.zip(folder, pickle, Map.of("0", PickleBytes.littleEndian(1)));
    WeightsException e = assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
    assertEquals(file + ": its entry made/data/0 has 4 bytes, not 8", e.getMessage());
  }

  @Test
  void hugeTensorOverOneElementIsRefused() {
    byte[] pickle = PickleBytes.pickle()
        .op('}')
        .text("huge")
        .tensor("FloatStorage", "0", 1, 0, new int[] {1 << 30}, new int[] {0})
        .op('s')
        .stop();
    Path file = PickleBytes.zip(folder, pickle, Map.of("0", PickleBytes.littleEndian(1)));
    WeightsException e = assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
    assertTrue(
        e.getMessage().contains("up to huge its tensors have more elements than"), e.getMessage());
  }

  @Test
  void checkpointWithoutStateDictNamesTheKeysItHas() {
    byte[] pickle = PickleBytes.pickle().op('}').text("weights").op('N').op('s').stop();
    Path file = PickleBytes.zip(folder, pickle, Map.of());
    WeightsException e = assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
    assertEquals(
        file
            + ": it holds no state_dict: neither model_state nor state_dict among its keys [weights], nor tensors",
        e.getMessage());
  }

  @Test
  void missingFileIsSaidToBeMissing() {
    Path file = folder.resolve("none.pyth");
    assertEquals(
        file + ": no such file",
        assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file)).getMessage());
  }

  private static Map<String, List<Integer>> shapes(Weights weights) {
    Map<String, List<Integer>> shapes = new TreeMap<>();
    weights
        .tensors()
        .forEach((name, tensor) ->
            shapes.put(name, Arrays.stream(tensor.shape()).boxed().toList()));
    return shapes;
  }
}
