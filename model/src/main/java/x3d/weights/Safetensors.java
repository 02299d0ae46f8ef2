package x3d.weights;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A safetensors file: u64 little-endian header length, a JSON header, raw little-endian data. Checked as a whole when it is
 * read, by the rules of the format (<a href="https://github.com/huggingface/safetensors#format">safetensors</a>): known
 * types, sizes that follow from shapes, offsets that cover the data without gap or overlap.
 */
public final class Safetensors {
  private static final String METADATA = "__metadata__";
  private static final int CHUNK_BYTES = 1 << 20;
  private static final ObjectMapper JSON = JsonMapper.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
      .build();

  private record Entry(ElementType type, int[] shape, int size, long begin, long end) {}

  private final String file;
  private final Map<String, Entry> entries;
  private final Map<String, String> metadata;
  private final ByteBuffer data;

  private Safetensors(
      String file, Map<String, Entry> entries, Map<String, String> metadata, ByteBuffer data) {
    this.file = file;
    this.entries = Collections.unmodifiableMap(entries);
    this.metadata = Collections.unmodifiableMap(metadata);
    this.data = data;
  }

  /**
   * Reads the whole file into memory.
   *
   * @throws WeightsException if it cannot be read, exceeds 2 GiB or breaks the format
   */
  public static Safetensors read(Path file) {
    byte[] bytes;
    try {
      if (Files.size(file) > Integer.MAX_VALUE - 8) {
        throw new WeightsException(file + " exceeds the 2 GiB that are read of a safetensors file");
      }
      bytes = Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new WeightsException(file + ": no such file", e);
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be read: " + e, e);
    }
    try {
      return parse(file.toString(), bytes);
    } catch (WeightsException e) {
      throw new WeightsException(file + " is no safetensors file: " + e.printableMessage(), e);
    }
  }

  private static Safetensors parse(String file, byte[] bytes) {
    if (bytes.length < 8) {
      throw new WeightsException(
          bytes.length + " bytes in all, but the header's length alone takes 8");
    }
    ByteBuffer all = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    long headerBytes = all.getLong();
    if (headerBytes < 0 || headerBytes > all.remaining()) {
      throw new WeightsException("a header of " + Long.toUnsignedString(headerBytes)
          + " bytes is announced, but only " + all.remaining() + " follow");
    }
    ByteBuffer data = all.slice(8 + (int) headerBytes, all.remaining() - (int) headerBytes);
    Map<String, String> metadata = new LinkedHashMap<>();
    Map<String, Entry> entries = new LinkedHashMap<>();
    header(bytes, (int) headerBytes).properties().forEach(field -> {
      if (field.getKey().equals(METADATA)) {
        metadata.putAll(metadata(field.getValue()));
      } else {
        entries.put(field.getKey(), entry(field.getKey(), field.getValue()));
      }
    });
    requireCovered(entries, data.remaining());
    return new Safetensors(file, entries, metadata, data.order(ByteOrder.LITTLE_ENDIAN));
  }

  private static ObjectNode header(byte[] bytes, int headerBytes) {
    JsonNode header;
    try {
      header = JSON.readTree(bytes, 8, headerBytes);
    } catch (JsonProcessingException e) {
      throw new WeightsException("its header is not JSON: " + e.getOriginalMessage(), e);
    } catch (IOException e) {
      throw new WeightsException("its header is not JSON: " + e.getMessage(), e);
    }
    if (!(header instanceof ObjectNode object)) {
      throw new WeightsException("its header is no JSON object");
    }
    return object;
  }

  private static Map<String, String> metadata(JsonNode node) {
    if (!node.isObject()) {
      throw new WeightsException(METADATA + " is no JSON object of texts");
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    node.properties().forEach(field -> {
      if (!field.getValue().isTextual()) {
        throw new WeightsException(METADATA + "." + field.getKey() + " is not a text");
      }
      metadata.put(field.getKey(), field.getValue().textValue());
    });
    return metadata;
  }

  private static Entry entry(String name, JsonNode node) {
    String dtype = node.path("dtype").asText();
    ElementType type = ElementType.named(dtype)
        .orElseThrow(() -> new WeightsException(name + " has dtype " + node.path("dtype")
            + "; known are " + String.join(", ", ElementType.names())));
    List<Long> extents = naturals(name, "shape", node.path("shape"));
    List<Long> offsets = naturals(name, "data_offsets", node.path("data_offsets"));
    if (offsets.size() != 2 || offsets.get(0) > offsets.get(1)) {
      throw new WeightsException(
          name + " has data_offsets " + offsets + ", not a begin and an end");
    }
    int[] shape = extents.stream().mapToInt(Long::intValue).toArray();
    int size;
    try {
      size = WeightTensor.size(shape);
    } catch (WeightsException e) {
      throw new WeightsException(name + ": " + e.getMessage(), e);
    }
    long bytes = offsets.get(1) - offsets.get(0);
    if (bytes != (long) size * type.bytes()) {
      throw new WeightsException(name + " of " + type + Arrays.toString(shape) + " takes "
          + (long) size * type.bytes() + " bytes, but data_offsets give it " + bytes);
    }
    return new Entry(type, shape, size, offsets.get(0), offsets.get(1));
  }

  private static List<Long> naturals(String name, String field, JsonNode node) {
    List<Long> numbers = new ArrayList<>();
    for (JsonNode number : node) {
      if (!number.isIntegralNumber() || !number.canConvertToInt() || number.intValue() < 0) {
        throw new WeightsException(
            name + " has " + field + " " + node + ", not integers from 0 to 2^31-1");
      }
      numbers.add(number.longValue());
    }
    if (!node.isArray()) {
      throw new WeightsException(name + " has no list " + field);
    }
    return numbers;
  }

  /** As the format demands, so that no byte is unaccounted for. */
  private static void requireCovered(Map<String, Entry> entries, int dataBytes) {
    List<Map.Entry<String, Entry>> sorted = new ArrayList<>(entries.entrySet());
    sorted.sort(
        Comparator.comparingLong((Map.Entry<String, Entry> e) -> e.getValue().begin())
            .thenComparingLong(e -> e.getValue().end()));
    long at = 0;
    for (Map.Entry<String, Entry> tensor : sorted) {
      if (tensor.getValue().begin() != at) {
        throw new WeightsException(
            tensor.getKey() + " begins at byte " + tensor.getValue().begin() + " of the data, but "
                + at + " is where the one before it ends");
      }
      at = tensor.getValue().end();
    }
    if (at != dataBytes) {
      throw new WeightsException(
          "its tensors take " + at + " bytes of data, but " + dataBytes + " are there");
    }
  }

  /** Tensor names in the header's order. */
  public Set<String> names() {
    return entries.keySet();
  }

  public Map<String, String> metadata() {
    return metadata;
  }

  /** @throws WeightsException if there is no such tensor, as do all that take a name */
  public int[] shape(String name) {
    return entry(name).shape().clone();
  }

  /**
   * The values of an F32, F16, BF16 or F64 tensor, as float32.
   *
   * @throws WeightsException if it holds integers
   */
  public float[] floats(String name) {
    Entry entry = entry(name);
    if (!entry.type().floating()) {
      throw new WeightsException(
          file + ": " + name + " holds " + entry.type() + ", not floating-point numbers");
    }
    return entry.type().floats(slice(entry), 0, entry.size());
  }

  /**
   * The values of an integer or BOOL tensor.
   *
   * @throws WeightsException if it holds floating-point numbers
   */
  public long[] longs(String name) {
    Entry entry = entry(name);
    if (entry.type().floating()) {
      throw new WeightsException(file + ": " + name + " holds " + entry.type() + ", not integers");
    }
    ByteBuffer slice = slice(entry);
    long[] values = new long[entry.size()];
    Arrays.setAll(values, i -> entry.type().longAt(slice, i));
    return values;
  }

  /** The raw little-endian bytes of a tensor of any type. */
  public byte[] bytes(String name) {
    ByteBuffer slice = slice(entry(name));
    byte[] bytes = new byte[slice.remaining()];
    slice.get(bytes);
    return bytes;
  }

  /**
   * All tensors as float32, under the names they have here, integers too: whether a name is wanted shows when they are
   * put into a layout.
   */
  public Weights weights() {
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    entries.forEach((name, entry) -> tensors.put(
        name, new WeightTensor(entry.shape(), entry.type().floats(slice(entry), 0, entry.size()))));
    return new Weights(tensors, metadata);
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new WeightsException(file + " has no tensor " + name);
    }
    return entry;
  }

  private ByteBuffer slice(Entry entry) {
    return data.slice((int) entry.begin(), (int) (entry.end() - entry.begin()))
        .order(ByteOrder.LITTLE_ENDIAN);
  }

  /**
   * Writes the tensors as F32 in the order they have, with the metadata; whole or not at all ({@link WholeFile}).
   *
   * @throws WeightsException if the file cannot be written, or a tensor is named {@code __metadata__}
   */
  public static void write(Path file, Weights weights) {
    write(file, weights, () -> {});
  }

  /**
   * Writes a file as {@link #write(Path, Weights)} does, unless it is called off.
   *
   * @param agreement asked once all is on the disk and before the file gets its name; if it throws, there is no new file
   */
  public static void write(Path file, Weights weights, Runnable agreement) {
    byte[] header = header(weights);
    try {
      WholeFile.write(
          file,
          channel -> {
            ByteBuffer buffer = ByteBuffer.allocate(Math.max(CHUNK_BYTES, 8 + header.length))
                .order(ByteOrder.LITTLE_ENDIAN);
            buffer.putLong(header.length).put(header);
            for (WeightTensor tensor : weights.tensors().values()) {
              write(channel, buffer, tensor.values());
            }
            drain(channel, buffer);
          },
          agreement);
    } catch (NoSuchFileException e) {
      throw new WeightsException(file + " cannot be written: its folder does not exist", e);
    } catch (IOException e) {
      throw new WeightsException(file + " cannot be written: " + e, e);
    }
  }

  private static void write(FileChannel channel, ByteBuffer buffer, float[] values)
      throws IOException {
    for (float value : values) {
      if (buffer.remaining() < Float.BYTES) {
        drain(channel, buffer);
      }
      buffer.putFloat(value);
    }
  }

  private static void drain(FileChannel channel, ByteBuffer buffer) throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  /** The JSON, padded with spaces so that the data begin at a multiple of 8, as the format asks. */
  private static byte[] header(Weights weights) {
    ObjectNode header = JSON.createObjectNode();
    if (!weights.metadata().isEmpty()) {
      ObjectNode metadata = header.putObject(METADATA);
      weights.metadata().forEach(metadata::put);
    }
    long offset = 0;
    for (Map.Entry<String, WeightTensor> entry : weights.tensors().entrySet()) {
      if (entry.getKey().equals(METADATA)) {
        throw new WeightsException(
            "safetensors keeps the name " + METADATA + " for itself; no tensor can have it");
      }
      ObjectNode tensor = header.putObject(entry.getKey()).put("dtype", "F32");
      ArrayNode shape = tensor.putArray("shape");
      Arrays.stream(entry.getValue().shape()).forEach(shape::add);
      long end = offset + (long) Float.BYTES * entry.getValue().size();
      tensor.putArray("data_offsets").add(offset).add(end);
      offset = end;
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = Arrays.copyOf(json, (json.length + 7) / 8 * 8);
    Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    return padded;
  }
}
