package x3d.collective;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A loaded MPI library. Every call is checked. */
final class MpiLibrary {
  /** One thread at a time calls, not always the same. */
  private static final int THREAD_SERIALIZED = 2;

  /** MPICH's MPI_MAX_LIBRARY_VERSION_STRING, the longest. */
  private static final int LONGEST_TEXT = 8192;

  private static final Pattern VERSION =
      Pattern.compile("(Open MPI|MPICH|MVAPICH\\d?|Intel\\(R\\) MPI)\\D*([\\d.]+)");

  private final NativeLibrary library;
  private final Map<String, Function> functions = new ConcurrentHashMap<>();
  private final String version;
  private final Abi abi;

  /**
   * Loads a library, for good, with its symbols visible to what it loads itself.
   *
   * @param name of a file, or for the system's loader
   * @throws UnsatisfiedLinkError where there is none of that name
   */
  MpiLibrary(String name) {
    leaveMemoryFunctionsAlone();
    library = keepingSignalHandlers(
        () -> NativeLibrary.getInstance(name)); // UCX takes signals as it is loaded
    try (Memory text = new Memory(LONGEST_TEXT)) {
      function("MPI_Get_library_version").invokeInt(new Object[] {text, new IntByReference()});
      version = text.getString(0);
    }
    abi = Abi.of(library, version);
  }

  /**
   * UCX, which most builds load, would patch munmap and its like to learn when memory goes. A JVM's compiler threads are within
   * them at any time, and one that was died of it. Whoever sets the variable has it as it is.
   */
  private static void leaveMemoryFunctionsAlone() {
    if (!Platform.isWindows()) {
      NativeLibrary.getInstance("c")
          .getFunction("setenv")
          .invokeInt(new Object[] {"UCX_MEM_EVENTS", "n", 0});
    }
  }

  Abi abi() {
    return abi;
  }

  /** Its name and version, such as {@code Open MPI 4.1.4}. */
  String describe() {
    Matcher matcher = VERSION.matcher(version);
    return matcher.find()
        ? matcher.group(1) + " " + matcher.group(2)
        : version.lines().findFirst().orElse("MPI").strip();
  }

  private static <T> T keepingSignalHandlers(Supplier<T> call) {
    SignalHandlers kept = SignalHandlers.keep();
    try {
      return call.get();
    } finally {
      kept.restore();
    }
  }

  /** Becomes a rank of the job. The JVM's signal handlers stay. */
  void initialise() {
    IntByReference provided = new IntByReference();
    keepingSignalHandlers(() -> {
      call("MPI_Init_thread", Pointer.NULL, Pointer.NULL, THREAD_SERIALIZED, provided);
      return null;
    });
    if (provided.getValue() < THREAD_SERIALIZED) {
      throw new CollectiveException(
          describe() + " was built for one thread only (it provides level " + provided.getValue()
              + "); MPI_THREAD_SERIALIZED is needed");
    }
    call("MPI_Comm_set_errhandler", abi.world(), abi.errorsReturn());
  }

  /** Calls a function whose last argument it sets to an int. */
  int read(String function, Object argument) {
    IntByReference value = new IntByReference();
    call(function, argument, value);
    return value.getValue();
  }

  /** Calls a function; throws what went wrong in MPI's words. */
  void call(String function, Object... arguments) {
    int code = function(function).invokeInt(arguments);
    if (code != 0) {
      throw new CollectiveException(function + " of " + describe() + ": " + error(code));
    }
  }

  private String error(int code) {
    try (Memory text = new Memory(LONGEST_TEXT)) {
      text.clear();
      int failed =
          function("MPI_Error_string").invokeInt(new Object[] {code, text, new IntByReference()});
      return failed == 0 ? text.getString(0).strip() : "error " + code;
    }
  }

  private Function function(String name) {
    return functions.computeIfAbsent(name, key -> {
      try {
        return library.getFunction(key);
      } catch (UnsatisfiedLinkError e) {
        throw new CollectiveException(
            library.getFile() + " is no MPI library: it has no " + key, e);
      }
    });
  }
}
