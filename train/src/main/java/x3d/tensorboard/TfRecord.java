package x3d.tensorboard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/** TensorFlow's frame around a message: length, checksum of the length, message, checksum of the message, little-endian. */
final class TfRecord {
  /** Masks a checksum, since one of data that hold checksums is weak: tsl/lib/hash/crc32c.h. */
  private static final int MASK = 0xa282ead8;

  private TfRecord() {}

  /** The record of a message, from position 0. */
  static ByteBuffer of(byte[] message) {
    ByteBuffer record = ByteBuffer.allocate(
            Long.BYTES + Integer.BYTES + message.length + Integer.BYTES)
        .order(ByteOrder.LITTLE_ENDIAN);
    record.putLong(message.length);
    record.putInt(checksum(record.array(), 0, Long.BYTES));
    record.put(message);
    record.putInt(checksum(message, 0, message.length));
    return record.flip();
  }

  private static int checksum(byte[] bytes, int offset, int length) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, offset, length);
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }
}
