package x3d.video;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Where a file should end by its container's own sizes: those of the boxes of mp4 (ISO 14496-12, 4.2), of the RIFF chunk of
 * AVI, of the segment of Matroska (RFC 8794, 4). A download that broke off shows itself here, even where what is left can be
 * decoded without an error.
 */
final class ContainerEnd {
  private static final long MATROSKA_HEADER = 0x1A45DFA3L;
  private static final long MATROSKA_SEGMENT = 0x18538067L;
  private static final int RIFF_OF_UNKNOWN_SIZE = -1;

  private ContainerEnd() {}

  /** How many bytes the file lacks; 0 where it is whole, or its container states no size. */
  static long missing(Path path) throws IOException {
    try (FileChannel file = FileChannel.open(path, StandardOpenOption.READ)) {
      ByteBuffer start = bytes(file, 0, 12);
      if (start.remaining() < 12) {
        return 0;
      }
      long end;
      if (start.getInt(4) == word("ftyp") || start.getInt(4) == word("moov")) {
        end = endOfBoxes(file);
      } else if (start.getInt(0) == word("RIFF") && start.getInt(8) == word("AVI ")) {
        int size = start.order(ByteOrder.LITTLE_ENDIAN).getInt(4);
        end = size == 0 || size == RIFF_OF_UNKNOWN_SIZE ? 0 : 8 + Integer.toUnsignedLong(size);
      } else if (Integer.toUnsignedLong(start.getInt(0)) == MATROSKA_HEADER) {
        end = endOfSegment(file);
      } else {
        end = 0;
      }
      return Math.max(0, end - file.size());
    }
  }

  private static int word(String four) {
    return four.charAt(0) << 24 | four.charAt(1) << 16 | four.charAt(2) << 8 | four.charAt(3);
  }

  private static ByteBuffer bytes(FileChannel file, long at, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining() && file.read(bytes, at + bytes.position()) > 0) {}
    return bytes.flip();
  }

  private static long endOfBoxes(FileChannel file) throws IOException {
    long at = 0;
    while (at < file.size()) {
      ByteBuffer head = bytes(file, at, 16);
      if (head.remaining() < 8) {
        return at;
      }
      long size = Integer.toUnsignedLong(head.getInt(0));
      if (size == 1 && head.remaining() == 16) {
        size = head.getLong(8);
      }
      if (size < 8) { // 0: to the end of the file; the others are no sizes
        return 0;
      }
      at += size;
      if (at < 0) {
        return 0;
      }
    }
    return at;
  }

  private static long endOfSegment(FileChannel file) throws IOException {
    ByteBuffer head = bytes(file, 4, 8);
    long header = 4 + lengthOfSize(head) + size(head);
    ByteBuffer segment = bytes(file, header, 12);
    if (segment.remaining() < 12 || Integer.toUnsignedLong(segment.getInt(0)) != MATROSKA_SEGMENT) {
      return 0;
    }
    segment.position(4);
    ByteBuffer stated = segment.slice();
    long size = size(stated);
    return size < 0 ? 0 : header + 4 + lengthOfSize(stated) + size;
  }

  /** Bytes of an EBML size: one more than there are zero bits before the first one. */
  private static int lengthOfSize(ByteBuffer at) {
    return 1 + Integer.numberOfLeadingZeros(at.get(0) & 0xff) - 24;
  }

  /** An EBML size; -1 for "unknown", all bits set, and for what is no size. */
  private static long size(ByteBuffer at) {
    int length = lengthOfSize(at);
    if (length > 8 || length > at.remaining()) {
      return -1;
    }
    long value = at.get(0) & 0xff >> length;
    for (int i = 1; i < length; i++) {
      value = value << 8 | at.get(i) & 0xff;
    }
    return value == (1L << 7 * length) - 1 ? -1 : value;
  }
}
