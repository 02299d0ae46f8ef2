package x3d.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.IntConsumer;
import x3d.video.ClipSpan;
import x3d.video.ClipTransform;
import x3d.video.Footage;
import x3d.video.StoredVideo;
import x3d.video.Video;
import x3d.video.VideoException;
import x3d.video.VideoInfo;

/**
 * A folder of decoded videos, so that each is decoded once and not once an epoch. A clip has the same bits with it and
 * without. It may be deleted, whole or in parts, at any time, and used by several processes at once.
 *
 * <p>An entry is a {@link StoredVideo} named by a digest of the video's path, size and time of change: a video that was
 * replaced is another one. An entry that does not match its checksums is deleted and made anew. What cannot be stored
 * is decoded each time.
 *
 * <p>The entries together never take more than the limit. When it is reached, those that were last used before this run
 * began give way, the oldest first; then no more are added. (Evicting what the run itself uses would be worse: an epoch
 * uses each video once, so each would be evicted before its turn comes again.)
 */
final class FrameCache implements Footage.Opener {
  private static final String ENTRY = ".frames";
  private static final String UNFINISHED = ".part";

  /** Nobody takes so long to decode a video: what is older was left by a process that was killed. */
  private static final Duration ABANDONED = Duration.ofHours(1);

  /** How long a full cache is taken to stay full. */
  private static final Duration PAUSE = Duration.ofSeconds(60);

  private final Path folder;
  private final long limit;
  private final FileTime began = FileTime.from(Instant.now());
  private final Set<String> inTheWorks = ConcurrentHashMap.newKeySet();
  private final Set<String> notStored = ConcurrentHashMap.newKeySet();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private volatile Instant fullUntil = Instant.MIN;

  /** @throws TrainingException if nothing can be written to the folder, which is made where it is missing */
  FrameCache(TrainOptions.Cache settings) {
    folder = settings.folder();
    limit = settings.limit();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new TrainingException("the cache " + folder + " cannot be made: " + e, e);
    }
    if (!Files.isWritable(folder)) {
      throw new TrainingException("the cache " + folder + " cannot be written to");
    }
  }

  /** Which video an entry is of. */
  private record Key(String name, long origin) {
    static Key of(Path video) throws IOException {
      BasicFileAttributes attributes = Files.readAttributes(video, BasicFileAttributes.class);
      String text = video.toAbsolutePath().normalize() + "\n" + attributes.size() + "\n"
          + attributes.lastModifiedTime().toInstant();
      try {
        byte[] digest =
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        return new Key(
            HexFormat.of().formatHex(digest, 0, 16), ByteBuffer.wrap(digest).getLong(16));
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(e); // every Java has it
      }
    }
  }

  /** What was done since this was made. */
  CacheUse use() {
    return new CacheUse(hits.sum(), misses.sum(), taken());
  }

  private long taken() {
    try {
      return list().stream().mapToLong(Stored::size).sum();
    } catch (IOException e) {
      return 0; // the folder was deleted
    }
  }

  @Override
  public Footage open(Path video) throws VideoException {
    Key key;
    try {
      key = Key.of(video);
    } catch (IOException e) {
      return Video.open(video); // says what is wrong with the file
    }
    Footage stored = find(key, video);
    (stored == null ? misses : hits).increment();
    if (stored == null && add(key, video)) {
      stored = find(key, video);
    }
    return stored == null ? Video.open(video) : new Checked(stored, key, video);
  }

  private Path entry(Key key) {
    return folder.resolve(key.name + ENTRY);
  }

  /** The entry, or null if there is none that is whole. */
  private StoredVideo find(Key key, Path video) {
    Path entry = entry(key);
    try {
      StoredVideo found = StoredVideo.open(entry, video, key.origin);
      try {
        Files.setLastModifiedTime(entry, FileTime.from(Instant.now()));
      } catch (IOException e) {
        return found; // deleted meanwhile, or another user's: it can be read all the same
      }
      return found;
    } catch (StoredVideo.DamagedException e) {
      delete(entry);
      return null;
    } catch (IOException e) {
      return null;
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      return; // another process has it open, on a system that minds; or it is another user's
    }
  }

  /** Decodes a video into the cache; false if it was not stored. */
  private boolean add(Key key, Path video) throws VideoException {
    if (notStored.contains(key.name)
        || Instant.now().isBefore(fullUntil)
        || !inTheWorks.add(key.name)) {
      return false;
    }
    Path unfinished = folder.resolve(key.name + UNFINISHED);
    try (Video open = Video.open(video)) {
      if (!reserve(unfinished, StoredVideo.size(open.info()))) {
        return false;
      }
      try {
        if (write(open, key, unfinished)) {
          move(unfinished, entry(key));
          return true;
        }
        notStored.add(key.name);
        return false;
      } finally {
        delete(unfinished);
      }
    } catch (VideoException e) {
      notStored.add(key.name); // the clip that is wanted may be in a part that is whole
      return false;
    } catch (IOException e) {
      fullUntil = Instant.now().plus(PAUSE); // no room on the disk, or no right to write
      return false;
    } finally {
      inTheWorks.remove(key.name);
    }
  }

  /** Not flushed to the disk: what a power cut leaves is found by its checksums. */
  private static boolean write(Video video, Key key, Path unfinished) throws IOException {
    try (FileChannel channel = FileChannel.open(unfinished, StandardOpenOption.WRITE)) {
      return StoredVideo.write(video, key.origin, channel);
    }
  }

  private static void move(Path from, Path to) throws IOException {
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (AtomicMoveNotSupportedException e) {
      throw new IOException(from + " cannot be renamed", e);
    }
  }

  /**
   * Makes the file that an entry is written to, of its full size, so that every process counts it from now on; false if
   * there is no room, or another process writes this entry.
   */
  private boolean reserve(Path unfinished, long size) throws IOException {
    Files.createDirectories(folder); // it may have been deleted
    synchronized (
        FrameCache
            .class) { // the lock of a file is the process's, and one thread at a time may have it
      return reserveAlone(unfinished, size);
    }
  }

  private boolean reserveAlone(Path unfinished, long size) throws IOException {
    try (FileChannel total = FileChannel.open(
            folder.resolve("total"),
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE);
        FileLock held = total.lock()) {
      if (held.isValid() && !makeRoom(total, size)) {
        fullUntil = Instant.now().plus(PAUSE);
        return false;
      }
      try (FileChannel file =
          FileChannel.open(unfinished, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        file.write(ByteBuffer.allocate(1), size - 1);
        return true;
      } catch (FileAlreadyExistsException e) {
        return false;
      }
    }
  }

  private record Stored(Path file, long size, FileTime used) {}

  /**
   * Counts {@code size} bytes more, if there is room for them. The file {@code total} may say too much, for it is not told of
   * what is deleted; the folder is listed only once that seems to be too much, since a list of 100,000 entries takes longer
   * than to decode a video.
   */
  private boolean makeRoom(FileChannel total, long size) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(Long.BYTES);
    long taken = total.read(bytes, 0) == Long.BYTES ? bytes.getLong(0) : Long.MAX_VALUE;
    if (taken > limit - size) {
      taken = evict(size);
    }
    boolean fits = taken <= limit - size;
    total.write(ByteBuffer.allocate(Long.BYTES).putLong(0, fits ? taken + size : taken), 0);
    return fits;
  }

  /** Deletes what may go until there is room, and returns how much is taken then. */
  private long evict(long size) throws IOException {
    List<Stored> all = list();
    long taken = all.stream().mapToLong(Stored::size).sum();
    all.sort(Comparator.comparing(Stored::used));
    FileTime abandoned = FileTime.from(Instant.now().minus(ABANDONED));
    for (Stored stored : all) {
      FileTime before = stored.file.toString().endsWith(UNFINISHED) ? abandoned : began;
      if (size <= limit && taken > limit - size && stored.used.compareTo(before) < 0) {
        delete(stored.file);
        taken -= Files.exists(stored.file) ? 0 : stored.size;
      }
    }
    return taken;
  }

  private List<Stored> list() throws IOException {
    List<Stored> all = new ArrayList<>();
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(folder, "*{" + ENTRY + "," + UNFINISHED + "}")) {
      for (Path file : files) {
        try {
          BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
          all.add(new Stored(file, attributes.size(), attributes.lastModifiedTime()));
        } catch (NoSuchFileException e) {
          continue; // renamed or deleted meanwhile
        }
      }
    }
    return all;
  }

  /** An entry, and the video itself where the entry turns out to be damaged. */
  private final class Checked implements Footage {
    private final Key key;
    private final Path video;
    private Footage footage;

    Checked(Footage stored, Key key, Path video) {
      this.footage = stored;
      this.key = key;
      this.video = video;
    }

    @Override
    public VideoInfo info() {
      return footage.info();
    }

    @Override
    public void readClips(
        List<ClipSpan> spans, List<ClipTransform> transforms, FloatBuffer out, IntConsumer finished)
        throws VideoException {
      int start = out.position();
      try {
        footage.readClips(spans, transforms, out, finished);
      } catch (VideoException e) {
        delete(entry(key));
        footage.close();
        hits.decrement();
        misses.increment();
        footage = Video.open(video);
        footage.readClips(spans, transforms, out.position(start), finished);
      }
    }

    @Override
    public void close() {
      footage.close();
    }
  }
}
