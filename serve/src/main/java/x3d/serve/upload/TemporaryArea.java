package x3d.serve.upload;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;

/**
 * A folder of this process for files that live as long as a request. It holds a lock, {@value #LOCK}, by which the next server
 * sees whether an area that lies there is in use: those of processes that died are deleted by {@link #open}.
 */
public final class TemporaryArea implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TemporaryArea.class);
  private static final String PREFIX = "x3d-serve";
  private static final String LOCK = ".lock";

  /**
   * Areas of this process. Their locks must not even be looked at: POSIX gives up a process's locks on a file when any of its
   * descriptors of that file is closed.
   */
  private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final FileChannel lock;
  private final long most;
  private final AtomicLong used = new AtomicLong();

  private TemporaryArea(Path folder, FileChannel lock, long most) {
    this.folder = folder;
    this.lock = lock;
    this.most = most;
  }

  /**
   * Makes an area inside a folder, and deletes those there that no process uses any more.
   *
   * @param most bytes of all its files together
   */
  public static TemporaryArea open(Path parent, long most) throws IOException {
    clean(parent);
    Path folder = Files.createTempDirectory(parent.toRealPath(), PREFIX);
    OWN.add(folder);
    FileChannel lock =
        FileChannel.open(folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    lock.lock();
    return new TemporaryArea(folder, lock, most);
  }

  private static void clean(Path parent) throws IOException {
    try (DirectoryStream<Path> areas =
        Files.newDirectoryStream(parent.toRealPath(), PREFIX + "*")) {
      for (Path area : areas) {
        if (!OWN.contains(area) && isLeft(area)) {
          LOG.info("deleting {}, which a server that died has left", area);
          delete(area);
        }
      }
    }
  }

  /** An area without a lock is one that is just being made, or none of ours. */
  private static boolean isLeft(Path area) {
    try (FileChannel channel = FileChannel.open(area.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      return lock != null;
    } catch (IOException e) {
      return false;
    }
  }

  /** Bytes of all files that are here now. */
  public long used() {
    return used.get();
  }

  /** A new empty file. */
  TemporaryFile create() throws IOException {
    return new TemporaryFile(Files.createTempFile(folder, "upload", ".video"));
  }

  @Override
  public void close() throws IOException {
    lock.close();
    delete(folder);
    OWN.remove(folder);
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> found = Files.walk(folder)) {
      List<Path> deepestFirst = found.sorted(Comparator.reverseOrder()).toList();
      for (Path path : deepestFirst) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException e) {
      LOG.debug("deleted by another", e);
    }
  }

  /** A file of the area, written once from the beginning to the end and deleted on {@link #close}. */
  final class TemporaryFile implements AutoCloseable {
    private final Path path;
    private final OutputStream out;
    private long size;

    private TemporaryFile(Path path) throws IOException {
      this.path = path;
      this.out = Files.newOutputStream(path);
    }

    /** @throws Refusal with 503 if the area is full */
    void write(byte[] bytes, int offset, int length) throws IOException {
      size += length;
      if (used.addAndGet(length) > most) {
        throw Refusal.retryAfter(
            Problem.NO_SPACE, "the place for uploads is full", Duration.ofSeconds(5));
      }
      out.write(bytes, offset, length);
    }

    void finish() throws IOException {
      out.close();
    }

    Path path() {
      return path;
    }

    long size() {
      return size;
    }

    @Override
    public void close() throws IOException {
      try {
        out.close();
      } finally {
        Files.deleteIfExists(path);
        used.addAndGet(-size);
        size = 0;
      }
    }
  }
}
