package x3d.weights;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * An open file of {@code torch.save}: one pickle, and the bytes of the storages that it refers to. Storages are read when
 * asked for, so an optimizer's state costs nothing.
 */
abstract sealed class StorageFile implements Closeable {
  /** {@code torch/serialization.py}, MAGIC_NUMBER. */
  private static final BigInteger LEGACY_MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

  private static final int LEGACY_PROTOCOL = 1001;

  /** @throws WeightsException if the file is of neither format */
  static StorageFile open(Path file) throws IOException {
    byte[] start = new byte[4];
    try (FileChannel channel = FileChannel.open(file)) {
      readFully(channel, ByteBuffer.wrap(start), 0, "its first four bytes");
    }
    return start[0] == 'P' && start[1] == 'K' ? new Zip(file) : new Legacy(file);
  }

  /** What was saved, as {@link TorchPickle} builds it. */
  abstract Object root();

  /** {@code zip} or {@code legacy}. */
  abstract String format();

  /** Exactly the elements of a storage, in the byte order that the buffer has. */
  abstract ByteBuffer bytes(TorchPickle.Storage storage) throws IOException;

  private static int byteCount(TorchPickle.Storage storage, long elements) {
    if (elements < 0 || elements > Integer.MAX_VALUE / storage.type().bytes()) {
      throw new WeightsException("storage " + storage.key() + " exceeds 2 GiB");
    }
    return (int) elements * storage.type().bytes();
  }

  /** Since PyTorch 1.6: {@code NAME/data.pkl}, {@code NAME/data/KEY}, {@code NAME/byteorder}, none compressed. */
  static final class Zip extends StorageFile {
    private final ZipFile zip;
    private final String folder;
    private final Object root;
    private final ByteOrder order;

    private Zip(Path file) throws IOException {
      zip = new ZipFile(file.toFile());
      try {
        folder = folder();
        order = order();
        try (InputStream pickle = new BufferedInputStream(zip.getInputStream(entry("data.pkl")))) {
          root = new TorchPickle().read(pickle);
        }
      } catch (IOException | RuntimeException e) {
        zip.close();
        throw e;
      }
    }

    private String folder() {
      List<String> folders = zip.stream()
          .map(ZipEntry::getName)
          .filter(name -> name.matches("[^/]+/data\\.pkl"))
          .map(name -> name.substring(0, name.length() - "data.pkl".length()))
          .toList();
      if (folders.size() != 1) {
        throw new WeightsException("a zip file with " + (folders.isEmpty() ? "no" : "more than one")
            + " NAME/data.pkl, so not one of torch.save");
      }
      return folders.get(0);
    }

    private ByteOrder order() throws IOException {
      if (zip.getEntry(folder + "byteorder") == null) {
        return ByteOrder.LITTLE_ENDIAN; // before PyTorch 2.1 there was no such entry
      }
      try (InputStream in = zip.getInputStream(entry("byteorder"))) {
        String order = new String(in.readNBytes(16), StandardCharsets.US_ASCII);
        return switch (order) {
          case "little" -> ByteOrder.LITTLE_ENDIAN;
          case "big" -> ByteOrder.BIG_ENDIAN;
          default -> throw new WeightsException("its byteorder is neither little nor big");
        };
      }
    }

    /** torch.save never compresses; insisting on it bounds all that is read by the length of the file. */
    private ZipEntry entry(String name) {
      ZipEntry entry = zip.getEntry(folder + name);
      if (entry == null) {
        throw new WeightsException("its entry " + folder + name + " is missing");
      }
      if (entry.getMethod() != ZipEntry.STORED) {
        throw new WeightsException("its entry " + folder + name
            + " is compressed; torch.save stores entries as they are, so save it again with that");
      }
      return entry;
    }

    @Override
    Object root() {
      return root;
    }

    @Override
    String format() {
      return "zip";
    }

    @Override
    ByteBuffer bytes(TorchPickle.Storage storage) throws IOException {
      int wanted = byteCount(storage, storage.offset() + storage.length());
      try (InputStream in = zip.getInputStream(entry("data/" + storage.key()))) {
        byte[] bytes = in.readNBytes(wanted);
        if (bytes.length < wanted) {
          throw new WeightsException("its entry " + folder + "data/" + storage.key() + " has "
              + bytes.length + " bytes, not " + wanted);
        }
        int skipped = byteCount(storage, storage.offset());
        return ByteBuffer.wrap(bytes, skipped, wanted - skipped).slice().order(order);
      }
    }

    @Override
    public void close() throws IOException {
      zip.close();
    }
  }

  /**
   * Before PyTorch 1.6: five pickles in a row (magic number, protocol, the writer's machine, what was saved, storage
   * keys), then for each key an int64 count of elements and the elements, all little-endian.
   */
  static final class Legacy extends StorageFile {
    private record Place(long position, long elements) {}

    private final FileChannel channel;
    private final Object root;
    private final Map<String, Place> places = new HashMap<>();

    private Legacy(Path file) throws IOException {
      channel = FileChannel.open(file);
      try {
        // not closed: it would close the channel
        CountingInput in =
            new CountingInput(new BufferedInputStream(Channels.newInputStream(channel)));
        requireLegacy(in);
        TorchPickle pickle = new TorchPickle();
        root = pickle.read(in);
        locate(pickle, new TorchPickle().read(in), in.position);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }

    private static void requireLegacy(InputStream in) throws IOException {
      Object magic;
      try {
        magic = new TorchPickle().read(in);
      } catch (IOException | WeightsException e) {
        throw new WeightsException(
            "not a file of torch.save: neither a zip file nor one in the format before PyTorch 1.6",
            e);
      }
      if (!LEGACY_MAGIC.equals(magic)) {
        throw new WeightsException(
            "not a file of torch.save: a pickle, but without torch.save's magic number");
      }
      if (!Integer.valueOf(LEGACY_PROTOCOL).equals(new TorchPickle().read(in))) {
        throw new WeightsException("its torch.save protocol is not " + LEGACY_PROTOCOL);
      }
      new TorchPickle()
          .read(in); // the writer's word sizes; elements are little-endian whatever they say
    }

    private void locate(TorchPickle pickle, Object keys, long start) throws IOException {
      if (!(keys instanceof List<?> list)) {
        throw new WeightsException("it has no list of storages");
      }
      long position = start;
      ByteBuffer count = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      for (Object key : list) {
        TorchPickle.Storage storage =
            key instanceof String text ? pickle.storages().get(text) : null;
        if (storage == null) {
          throw new WeightsException("its list of storages names one that nothing refers to");
        }
        readFully(channel, count.clear(), position, "storage " + key);
        long elements = count.getLong(0);
        long room = (channel.size() - position - Long.BYTES) / storage.type().bytes();
        if (elements < 0 || elements > room) {
          throw new WeightsException("it ends within storage " + key);
        }
        places.put((String) key, new Place(position + Long.BYTES, elements));
        position += Long.BYTES + elements * storage.type().bytes();
      }
    }

    @Override
    Object root() {
      return root;
    }

    @Override
    String format() {
      return "legacy";
    }

    @Override
    ByteBuffer bytes(TorchPickle.Storage storage) throws IOException {
      Place place = places.get(storage.key());
      if (place == null || storage.length() > place.elements() - storage.offset()) {
        throw new WeightsException("storage " + storage.key() + " is "
            + (place == null ? "missing" : "shorter than what refers to it"));
      }
      ByteBuffer bytes =
          ByteBuffer.allocate(byteCount(storage, storage.length())).order(ByteOrder.LITTLE_ENDIAN);
      long position = place.position() + storage.offset() * storage.type().bytes();
      return readFully(channel, bytes, position, "storage " + storage.key()).flip();
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  private static ByteBuffer readFully(
      FileChannel channel, ByteBuffer buffer, long position, String what) throws IOException {
    long at = position;
    while (buffer.hasRemaining()) {
      int read = channel.read(buffer, at);
      if (read < 0) {
        throw new WeightsException("it ends within " + what);
      }
      at += read;
    }
    return buffer;
  }

  /** Knows how far the machine has read, which a buffer in between would hide. */
  private static final class CountingInput extends InputStream {
    private final InputStream in;
    private long position;

    CountingInput(InputStream in) {
      this.in = in;
    }

    @Override
    public int read() throws IOException {
      int read = in.read();
      position += read < 0 ? 0 : 1;
      return read;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int read = in.read(target, offset, length);
      position += Math.max(0, read);
      return read;
    }
  }
}
