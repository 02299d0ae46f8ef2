package x3d.serve;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** A copy of an mp4 file whose tables can be made to lie. */
final class Mp4 {
  private final byte[] bytes;

  private Mp4(byte[] bytes) {
    this.bytes = bytes;
  }

  static Mp4 of(byte[] bytes) {
    return new Mp4(bytes.clone());
  }

  /** Where the content of a box begins: of the first of its type among the tables, or else in the file. */
  private int content(String type) {
    String text = new String(bytes, StandardCharsets.ISO_8859_1);
    int among = text.indexOf(type, text.lastIndexOf("moov"));
    return (among < 0 ? text.indexOf(type) : among) + 4;
  }

  /** @param offset in the box's content: behind its size and type, so that -8 is its size */
  Mp4 with32(String type, int offset, long value) {
    ByteBuffer.wrap(bytes).putInt(content(type) + offset, (int) value);
    return this;
  }

  /** As the other, 2 bytes. */
  Mp4 with16(String type, int offset, int value) {
    ByteBuffer.wrap(bytes).putShort(content(type) + offset, (short) value);
    return this;
  }

  /** As the others, four letters. */
  Mp4 withType(String type, int offset, String other) {
    byte[] letters = other.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(letters, 0, bytes, content(type) + offset, letters.length);
    return this;
  }

  byte[] bytes() {
    return bytes;
  }
}
