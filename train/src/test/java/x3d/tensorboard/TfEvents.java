package x3d.tensorboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog.SessionStatus;
import org.tensorflow.proto.Summary;

/** Reads event files as TensorBoard does, with TensorFlow's own messages and a checksum of its own. */
public final class TfEvents {
  private static final int[] CRC32C = new int[256];

  static {
    for (int i = 0; i < 256; i++) {
      int crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) == 0 ? crc >>> 1 : crc >>> 1 ^ 0x82f63b78; // Castagnoli, reversed
      }
      CRC32C[i] = crc;
    }
  }

  private TfEvents() {}

  /** The events of a file up to its end, or to a record that is not whole. */
  public static List<Event> of(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.remaining() >= 12) {
      byte[] length = new byte[8];
      bytes.duplicate().get(length);
      long size = bytes.getLong();
      assertEquals(masked(length), bytes.getInt(), "checksum of a length");
      if (bytes.remaining() < size + 4) {
        break;
      }
      byte[] message = new byte[(int) size];
      bytes.get(message);
      assertEquals(masked(message), bytes.getInt(), "checksum of a message");
      events.add(Event.parseFrom(message));
    }
    return events;
  }

  static int masked(byte[] bytes) {
    int crc = ~0;
    for (byte b : bytes) {
      crc = CRC32C[(crc ^ b) & 255] ^ crc >>> 8;
    }
    crc = ~crc;
    return (crc >>> 15 | crc << 17) + 0xa282ead8;
  }

  /** What TensorBoard shows of a folder: by tag the value of each step, without those that a later start made void. */
  public static Map<String, TreeMap<Long, Float>> curves(Path folder) throws IOException {
    Map<String, TreeMap<Long, Float>> curves = new TreeMap<>();
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.sorted().toList();
    }
    for (Path file : files) {
      for (Event event : of(file)) {
        if (event.hasSessionLog() && event.getSessionLog().getStatus() == SessionStatus.START) {
          curves.values().forEach(curve -> curve.tailMap(event.getStep(), true).clear());
        }
        for (Summary.Value value : event.getSummary().getValueList()) {
          Float before = curves
              .computeIfAbsent(value.getTag(), tag -> new TreeMap<>())
              .put(event.getStep(), value.getSimpleValue());
          assertEquals(null, before, value.getTag() + " twice at step " + event.getStep());
        }
      }
    }
    return curves;
  }
}
