package x3d.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Whatever the bytes, a reader answers with weights or with a {@link WeightsException}: nothing else comes out. */
class DamagedFileTest {
  private static Path folder;
  private static Path file;
  private static byte[] safetensors;
  private static byte[] zip;
  private static byte[] legacy;

  @BeforeContainer
  static void readTheUndamagedFiles() throws IOException {
    folder = Files.createTempDirectory("damaged");
    file = folder.resolve("damaged.bin");
    safetensors = Files.readAllBytes(References.path("tiny/weights.safetensors"));
    zip = Files.readAllBytes(References.path("pyth/slowfast_tiny_zip.pyth"));
    legacy = Files.readAllBytes(References.path("pyth/slowfast_tiny_legacy.pyth"));
  }

  @AfterContainer
  static void removeTheFolder() throws IOException {
    Files.deleteIfExists(file);
    Files.deleteIfExists(folder.resolve("made.pyth"));
    Files.delete(folder);
  }

  @Property(tries = 200)
  void safetensorsRoundTripKeepsEveryBitNameAndOrder(@ForAll("weights") Weights weights) {
    Safetensors.write(file, weights);
    Weights read = Safetensors.read(file).weights();
    assertEquals(weights, read);
    assertArrayEquals(
        weights.tensors().keySet().toArray(), read.tensors().keySet().toArray());
  }

  @Property(tries = 200)
  void truncatedSafetensorsAreRefused(@ForAll @IntRange(max = 1 << 30) int cut) throws IOException {
    Files.write(file, Arrays.copyOf(safetensors, cut % safetensors.length));
    assertThrows(WeightsException.class, () -> Safetensors.read(file));
  }

  @Property(tries = 300)
  void safetensorsWithDamagedHeadersGiveWeightsOrAWeightsException(@ForAll long seed)
      throws IOException {
    Files.write(file, damaged(safetensors, 15_000, seed));
    weightsOrWeightsException(path -> Safetensors.read(path).weights());
  }

  @Property(tries = 200)
  void garbageIsNoSafetensorsAndNoCheckpoint(@ForAll @Size(max = 200) byte[] garbage)
      throws IOException {
    Files.write(file, garbage);
    assertThrows(WeightsException.class, () -> Safetensors.read(file));
    assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
  }

  @Property(tries = 200)
  void garbageInAPickleGivesAWeightsException(@ForAll @Size(max = 100) byte[] garbage) {
    Path made = PickleBytes.zip(folder, garbage, Map.of());
    assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(made));
  }

  @Property(tries = 150)
  void truncatedCheckpointsAreRefused(
      @ForAll @IntRange(max = 1 << 30) int cut, @ForAll boolean inLegacyFormat) throws IOException {
    byte[] whole = inLegacyFormat ? legacy : zip;
    Files.write(file, Arrays.copyOf(whole, cut % whole.length));
    assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
  }

  @Property(tries = 300)
  void damagedCheckpointsGiveWeightsOrAWeightsException(
      @ForAll long seed, @ForAll boolean inLegacyFormat) throws IOException {
    Files.write(file, damaged(inLegacyFormat ? legacy : zip, 30_000, seed));
    weightsOrWeightsException(PytorchCheckpoint::read);
  }

  @Property(tries = 150)
  void zipDirectoriesDamagedAtTheEndGiveWeightsOrAWeightsException(@ForAll long seed)
      throws IOException {
    byte[] backwards = zip.clone();
    byte[] tail = Arrays.copyOfRange(zip, zip.length - 15_000, zip.length);
    System.arraycopy(
        damaged(tail, tail.length, seed), 0, backwards, zip.length - tail.length, tail.length);
    Files.write(file, backwards);
    weightsOrWeightsException(PytorchCheckpoint::read);
  }

  private static void weightsOrWeightsException(Function<Path, Weights> reader) {
    try {
      reader.apply(file);
    } catch (WeightsException expected) {
      assertTrue(expected.getMessage().startsWith(file.toString()), expected.getMessage());
    }
  }

  /** One to four bytes of the first {@code within} are other ones. */
  private static byte[] damaged(byte[] bytes, int within, long seed) {
    Random random = new Random(seed);
    byte[] damaged = bytes.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      damaged[random.nextInt(within)] = (byte) random.nextInt(256);
    }
    return damaged;
  }

  @Provide
  Arbitrary<Weights> weights() {
    Arbitrary<String> names = Arbitraries.strings()
        .withChars("abc._\"\\/ \n\t{}:é中")
        .ofMaxLength(12)
        .filter(name -> !name.equals("__metadata__"));
    Arbitrary<WeightTensor> tensors = Arbitraries.integers()
        .between(0, 4)
        .list()
        .ofMaxSize(4)
        .flatMap(extents -> {
          int[] shape = extents.stream().mapToInt(Integer::intValue).toArray();
          return Arbitraries.integers()
              .list()
              .ofSize(WeightTensor.size(shape))
              .map(bits -> new WeightTensor(shape, floats(bits)));
        });
    return Combinators.combine(
            Arbitraries.maps(names, tensors).ofMaxSize(6),
            Arbitraries.maps(names, names).ofMaxSize(3))
        .as((named, metadata) -> new Weights(new LinkedHashMap<>(named), metadata));
  }

  private static float[] floats(List<Integer> bits) {
    float[] values = new float[bits.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = Float.intBitsToFloat(bits.get(i));
    }
    return values;
  }
}
