package x3d.runtime;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.CharPointer;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.OrtAllocator;
import org.bytedeco.onnxruntime.OrtApi;
import org.bytedeco.onnxruntime.SessionOptions;
import org.bytedeco.onnxruntime.global.onnxruntime;

/**
 * Whether sessions note when their nodes run, and of those that do what they noted. Each session opened with one notes from
 * then on, until {@link #end}; a session that is closed before is forgotten. Sessions opened with {@link #OFF} note nothing.
 *
 * <p>ONNX Runtime keeps at most a million events a session, some thousand runs of a training step.
 */
public final class Profiling implements AutoCloseable {
  public static final Profiling OFF = new Profiling(null);

  /** Where ONNX Runtime writes; null if nothing is noted. */
  private final Path folder;

  private final List<Session> noting = new ArrayList<>();
  private int opened;

  private Profiling(Path folder) {
    this.folder = folder;
  }

  /** For sessions to be opened. */
  public static Profiling on() {
    try {
      return new Profiling(Files.createTempDirectory("x3d-profile"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot make a folder for profiles", e);
    }
  }

  /** Lets the session note that these options are for. */
  synchronized void configure(SessionOptions options) {
    if (folder != null) {
      String prefix = folder.resolve("session" + opened++).toString();
      try (Pointer path = path(prefix)) {
        options.EnableProfiling(path);
      }
    }
  }

  /** As ONNX Runtime takes paths: in wide characters on Windows. */
  private static Pointer path(String text) {
    return Loader.getPlatform().startsWith("windows")
        ? new CharPointer(text)
        : new BytePointer(text);
  }

  synchronized void opened(Session session) {
    if (folder != null) {
      noting.add(session);
    }
  }

  synchronized void closed(Session session) {
    noting.remove(session);
  }

  /**
   * Ends the notes. No session may be running.
   *
   * @return what they noted, of those still open, in the order of their opening
   * @throws RuntimeFailure if ONNX Runtime could not write it
   */
  public synchronized List<SessionTrace> end() {
    List<SessionTrace> traces = new ArrayList<>();
    for (Session session : noting) {
      traces.add(session.endProfile());
    }
    noting.clear();
    return traces;
  }

  static SessionTrace end(org.bytedeco.onnxruntime.Session session) {
    OrtApi api = onnxruntime.GetApi();
    try (PointerPointer<OrtAllocator> allocators = new PointerPointer<>(1);
        LongPointer start = new LongPointer(1);
        PointerPointer<BytePointer> name = new PointerPointer<>(1)) {
      Native.check(api, api.SessionGetProfilingStartTimeNs(session.asOrtSession(), start));
      Native.check(api, api.GetAllocatorWithDefaultOptions(allocators)); // one of the process
      OrtAllocator allocator = allocators.get(OrtAllocator.class, 0);
      Native.check(api, api.SessionEndProfiling(session.asOrtSession(), allocator, name));
      BytePointer written = name.get(BytePointer.class, 0);
      Path file = Path.of(written.getString());
      Native.check(api, api.AllocatorFree(allocator, written));
      byte[] json = Files.readAllBytes(file);
      Files.delete(file);
      return new SessionTrace(json, nanoTime(start.get()));
    } catch (IOException e) {
      throw new RuntimeFailure("ONNX Runtime's profile is not there: " + e.getMessage(), e);
    }
  }

  /**
   * A time of C++'s {@code high_resolution_clock} as {@link System#nanoTime} would have told it. Which clock that is, is the
   * library's choice: GNU's takes the one that tells the date, others the one that Java takes as well.
   */
  private static long nanoTime(long highResolution) {
    Instant now = Instant.now();
    long steady = System.nanoTime();
    long date = now.getEpochSecond() * 1_000_000_000 + now.getNano();
    return Math.abs(date - highResolution) < Math.abs(steady - highResolution)
        ? highResolution - (date - steady)
        : highResolution;
  }

  /** Forgets what is not ended; removes what ONNX Runtime wrote. Sessions are to be closed before. */
  @Override
  public synchronized void close() {
    noting.clear();
    if (folder == null) {
      return;
    }
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
      Files.delete(folder);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
