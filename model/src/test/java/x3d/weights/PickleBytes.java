package x3d.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Writes pickles opcode by opcode, and the files of torch.save around them. */
final class PickleBytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** A pickle of protocol 2. */
  static PickleBytes pickle() {
    return new PickleBytes().op(0x80).op(2);
  }

  PickleBytes op(int opcode) {
    out.write(opcode);
    return this;
  }

  PickleBytes op(char opcode) {
    return op((int) opcode);
  }

  PickleBytes ascii(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.US_ASCII));
    return this;
  }

  PickleBytes global(String module, String name) {
    return op('c').ascii(module + "\n" + name + "\n");
  }

  PickleBytes text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    op('X').int32(utf8.length);
    out.writeBytes(utf8);
    return this;
  }

  PickleBytes number(int number) {
    return op('J').int32(number);
  }

  PickleBytes number(BigInteger number) {
    byte[] bytes = number.toByteArray();
    op(0x8a).op(bytes.length);
    for (int i = bytes.length - 1; i >= 0; i--) {
      out.write(bytes[i]);
    }
    return this;
  }

  PickleBytes int32(int number) {
    out.writeBytes(
        ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
    return this;
  }

  PickleBytes mark() {
    return op('(');
  }

  /** A tuple of what lies above the mark. */
  PickleBytes tuple() {
    return op('t');
  }

  PickleBytes numbers(int... numbers) {
    mark();
    for (int number : numbers) {
      number(number);
    }
    return tuple();
  }

  /** Calls the callable below the tuple on top. */
  PickleBytes reduce() {
    return op('R');
  }

  /** A tensor over the storage {@code key} of {@code elements} elements. */
  PickleBytes tensor(
      String storageClass, String key, int elements, int offset, int[] shape, int[] strides) {
    global("torch._utils", "_rebuild_tensor_v2").mark();
    mark().text("storage").global("torch", storageClass).text(key).text("cpu").number(elements);
    tuple().op('Q').number(offset).numbers(shape).numbers(strides).op(0x89);
    return global("collections", "OrderedDict").op(')').reduce().tuple().reduce();
  }

  byte[] stop() {
    op('.');
    return out.toByteArray();
  }

  /** A zip file of torch.save with this pickle and these storages. */
  static Path zip(Path folder, byte[] pickle, Map<String, byte[]> storages) {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    entries.put("made/data.pkl", pickle);
    storages.forEach((key, bytes) -> entries.put("made/data/" + key, bytes));
    entries.put("made/version", "3\n".getBytes(StandardCharsets.US_ASCII));
    Path file = folder.resolve("made.pyth");
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
      for (Map.Entry<String, byte[]> content : entries.entrySet()) {
        CRC32 crc = new CRC32();
        crc.update(content.getValue());
        ZipEntry entry = new ZipEntry(content.getKey());
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.getValue().length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return file;
  }

  static byte[] littleEndian(float... values) {
    ByteBuffer buffer = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    buffer.asFloatBuffer().put(values);
    return buffer.array();
  }
}
