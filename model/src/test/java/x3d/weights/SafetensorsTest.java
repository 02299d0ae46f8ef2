package x3d.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsTest {
  @TempDir
  Path folder;

  @Test
  void referenceWeightsReadWithShapesValuesAndFactors() {
    Safetensors tiny = Safetensors.read(References.path("tiny/weights.safetensors"));
    assertEquals(140, tiny.names().size());
    assertEquals("2.25", tiny.metadata().get("bottleneck_factor"));
    assertArrayEquals(new int[] {8, 3, 1, 3, 3}, tiny.shape("s1.pathway0_stem.conv_xy.weight"));
    assertEquals(216, tiny.floats("s1.pathway0_stem.conv_xy.weight").length);
  }

  @Test
  void referenceWeightsWrittenAndReadAgainAreEqual() {
    Weights tiny = References.tiny();
    Path file = folder.resolve("again.safetensors");
    Safetensors.write(file, tiny);
    assertEquals(tiny, Safetensors.read(file).weights());
  }

  @Test
  void dataBeginAtAMultipleOfEight() throws IOException {
    Path file = folder.resolve("aligned.safetensors");
    Safetensors.write(
        file,
        new Weights(
            Map.of("x", new WeightTensor(new int[] {1}, new float[] {1})), Map.of("a", "bc")));
    assertEquals(
        0,
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).getLong() % 8);
  }

  @Test
  void integersReadAsLongs() {
    Path file = file(
        "{\"labels\":{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]},"
            + "\"u\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[16,17]}}",
        3,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        -1,
        200);
    Safetensors read = Safetensors.read(file);
    assertArrayEquals(new long[] {3, -1}, read.longs("labels"));
    assertArrayEquals(new long[] {200}, read.longs("u"));
    assertArrayEquals(new byte[] {(byte) 200}, read.bytes("u"));
  }

  @Test
  void halvesAndDoublesReadAsFloats() {
    Path file = file(
        "{\"h\":{\"dtype\":\"F16\",\"shape\":[1],\"data_offsets\":[0,2]},"
            + "\"b\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[2,4]},"
            + "\"d\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[4,12]}}",
        0,
        0x3e,
        0xc0,
        0xbf,
        0,
        0,
        0,
        0,
        0,
        0,
        0xf8,
        0x3f);
    Safetensors read = Safetensors.read(file);
    assertArrayEquals(new float[] {1.5f}, read.floats("h"));
    assertArrayEquals(new float[] {-1.5f}, read.floats("b"));
    assertArrayEquals(new float[] {1.5f}, read.floats("d"));
  }

  @Test
  void wrongKindOfNumberAndUnknownNameAreNamed() {
    Path file = file("{\"n\":{\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1);
    Safetensors read = Safetensors.read(file);
    assertEquals(
        file + ": n holds I8, not floating-point numbers",
        assertThrows(WeightsException.class, () -> read.floats("n")).getMessage());
    assertEquals(
        file + " has no tensor m",
        assertThrows(WeightsException.class, () -> read.longs("m")).getMessage());
  }

  /** Each with 8 bytes of data. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\0',
      value = {
        "[]|its header is no JSON object",
        "{|its header is not JSON: Unexpected end-of-input: expected close marker for Object",
        "{} {}|its header is not JSON: Trailing token",
        "{}|its tensors take 0 bytes of data, but 8 are there",
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]}}"
            + "|its header is not JSON: Duplicate field 'x'",
        "{'x':7}|x has dtype ; known are",
        "{'x':{'dtype':'F4','shape':[2],'data_offsets':[0,8]}}|x has dtype \"F4\"; known are F64, F32, F16",
        "{'x':{'dtype':'F32','shape':[3],'data_offsets':[0,8]}}|x of F32[3] takes 12 bytes, but data_offsets give it 8",
        "{'x':{'dtype':'F32','shape':[-2],'data_offsets':[0,8]}}|x has shape [-2], not integers from 0 to 2^31-1",
        "{'x':{'dtype':'F32','shape':[2.5],'data_offsets':[0,8]}}|x has shape [2.5], not integers from 0 to 2^31-1",
        "{'x':{'dtype':'F32','shape':2,'data_offsets':[0,8]}}|x has no list shape",
        "{'x':{'dtype':'F32','shape':[65536,65536],'data_offsets':[0,8]}}"
            + "|x: a tensor of shape [65536, 65536] exceeds the 2^31-1 elements of an array",
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[8,0]}}|x has data_offsets [8, 0], not a begin and an end",
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[8,16]}}"
            + "|x begins at byte 8 of the data, but 0 is where the one before it ends",
        "{'x':{'dtype':'F32','shape':[2],'data_offsets':[0,8]},'y':{'dtype':'F32','shape':[1],'data_offsets':[4,8]}}"
            + "|y begins at byte 4 of the data, but 8 is where the one before it ends",
        "{'x':{'dtype':'F32','shape':[4],'data_offsets':[0,16]}}|its tensors take 16 bytes of data, but 8 are there",
        "{'__metadata__':{'a':1}}|__metadata__.a is not a text",
        "{'__metadata__':[]}|__metadata__ is no JSON object of texts"
      })
  void malformedHeadersAreRefusedSayingWhatIsWrong(String header, String message) {
    Path file = file(header.replace('\'', '"'), 0, 0, 0, 0, 0, 0, 0, 0);
    String actual =
        assertThrows(WeightsException.class, () -> Safetensors.read(file)).getMessage();
    String expected = file + " is no safetensors file: " + message;
    assertEquals(expected, actual.substring(0, Math.min(expected.length(), actual.length())));
  }

  @Test
  void announcedHeaderBeyondTheFileIsRefused() throws IOException {
    Path file = folder.resolve("long.safetensors");
    Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, '{', '}'});
    assertEquals(
        file
            + " is no safetensors file: a header of 18446744073709551615 bytes is announced, but only 2 follow",
        assertThrows(WeightsException.class, () -> Safetensors.read(file)).getMessage());
  }

  @Test
  void writeOverAnExistingFileReplacesItWholeAndLeavesNothingBeside() throws IOException {
    Path file = folder.resolve("w.safetensors");
    Files.writeString(file, "old");
    Weights weights =
        new Weights(Map.of("x", new WeightTensor(new int[0], new float[] {7})), Map.of());
    Safetensors.write(file, weights);
    assertEquals(weights, Safetensors.read(file).weights());
    assertEquals(List.of(file), listing());
  }

  @Test
  void interruptedWriteLeavesTheOldFileAndNothingElse() throws IOException {
    Path file = folder.resolve("w.safetensors");
    Files.writeString(file, "old");
    assertThrows(
        IOException.class,
        () -> WholeFile.write(file, channel -> {
          channel.write(ByteBuffer.wrap("half of the n".getBytes(StandardCharsets.UTF_8)));
          throw new IOException("disk full");
        }));
    assertEquals("old", Files.readString(file));
    assertEquals(List.of(file), listing());
  }

  @Test
  void missingFolderIsNamedWhenWriting() {
    Path file = folder.resolve("no/where.safetensors");
    String message = assertThrows(
            WeightsException.class, () -> Safetensors.write(file, new Weights(Map.of(), Map.of())))
        .getMessage();
    assertEquals(file + " cannot be written: its folder does not exist", message);
  }

  @Test
  void emptyWeightsRoundTrip() {
    Path file = folder.resolve("empty.safetensors");
    Safetensors.write(file, new Weights(Map.of(), Map.of()));
    assertEquals(Set.of(), Safetensors.read(file).names());
  }

  private List<Path> listing() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private Path file(String header, int... data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + json.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(json.length).put(json);
    Arrays.stream(data).forEach(value -> bytes.put((byte) value));
    try {
      return Files.write(folder.resolve("made.safetensors"), bytes.array());
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }
}
