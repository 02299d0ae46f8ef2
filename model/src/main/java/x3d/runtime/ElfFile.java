package x3d.runtime;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a shared library of Linux says of itself, read without loading it. From the ELF-64 object file format, little-endian,
 * as x86-64 and aarch64 have it.
 *
 * @param soname the name that others ask for it by
 * @param needed the names of the libraries that it asks for itself
 */
record ElfFile(Optional<String> soname, List<String> needed) {
  private static final int MAGIC = 0x464c457f;
  private static final int CLASS_64_LITTLE_ENDIAN = 0x0102;
  private static final int LOAD = 1;
  private static final int DYNAMIC = 2;
  private static final long TAG_NEEDED = 1;
  private static final long TAG_STRINGS = 5;
  private static final long TAG_SONAME = 14;

  ElfFile {
    needed = List.copyOf(needed);
  }

  /** @throws IOException if the file cannot be read, or is no such library */
  static ElfFile read(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new Reader(channel).read();
    } catch (IndexOutOfBoundsException | IllegalArgumentException e) {
      throw new IOException(file + " is not a whole 64-bit ELF library", e);
    }
  }

  private static final class Reader {
    private final FileChannel channel;
    private final ByteBuffer headers;
    private final int count;

    Reader(FileChannel channel) throws IOException {
      this.channel = channel;
      ByteBuffer start = bytes(0, 64);
      if (start.getInt(0) != MAGIC || start.getShort(4) != CLASS_64_LITTLE_ENDIAN) {
        throw new IllegalArgumentException("no ELF-64 header");
      }
      count = start.getShort(56);
      headers = bytes(start.getLong(32), 56 * count);
    }

    private ByteBuffer bytes(long at, long size) throws IOException {
      if (at < 0 || size < 0 || at > channel.size() || size > channel.size() - at) {
        throw new IllegalArgumentException("outside the file");
      }
      ByteBuffer read = ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
      while (read.hasRemaining() && channel.read(read, at + read.position()) > 0) {}
      return read.rewind();
    }

    ElfFile read() throws IOException {
      ByteBuffer dynamic = dynamicSection();
      long strings = -1;
      long soname = -1;
      List<Long> needed = new ArrayList<>();
      for (int i = 0; i + 16 <= dynamic.capacity(); i += 16) {
        long tag = dynamic.getLong(i);
        long value = dynamic.getLong(i + 8);
        if (tag == TAG_STRINGS) {
          strings = inFile(value);
        } else if (tag == TAG_SONAME) {
          soname = value;
        } else if (tag == TAG_NEEDED) {
          needed.add(value);
        }
      }
      List<String> names = new ArrayList<>();
      for (long offset : needed) {
        names.add(text(strings + offset));
      }
      return new ElfFile(
          soname < 0 ? Optional.empty() : Optional.of(text(strings + soname)), names);
    }

    private ByteBuffer dynamicSection() throws IOException {
      for (int i = 0; i < count; i++) {
        if (headers.getInt(56 * i) == DYNAMIC) {
          return bytes(headers.getLong(56 * i + 8), headers.getLong(56 * i + 32));
        }
      }
      throw new IllegalArgumentException("nothing dynamic in it");
    }

    /** Where what lies at an address of the loaded library lies in its file. */
    private long inFile(long address) {
      for (int i = 0; i < count; i++) {
        long start = headers.getLong(56 * i + 16);
        if (headers.getInt(56 * i) == LOAD
            && address >= start
            && address < start + headers.getLong(56 * i + 32)) {
          return address - start + headers.getLong(56 * i + 8);
        }
      }
      throw new IllegalArgumentException("an address outside the library");
    }

    private String text(long at) throws IOException {
      ByteBuffer read = bytes(at, Math.min(256, channel.size() - at));
      int end = 0;
      while (read.get(end) != 0) {
        end++;
      }
      return new String(read.array(), 0, end, StandardCharsets.UTF_8);
    }
  }
}
