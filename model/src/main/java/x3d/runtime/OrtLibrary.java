package x3d.runtime;

import com.sun.jna.Function;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.onnxruntime.StringVector;
import org.bytedeco.onnxruntime.global.onnxruntime;

/**
 * The ONNX Runtime that this process runs: the bundled one, or, if {@link #use} comes before all else, the user's own. It is
 * chosen once, and stays.
 */
public final class OrtLibrary {
  /** The level of ONNX Runtime's C API that the bindings are made for. */
  static final int API_LEVEL = 24;

  /** Names the user's own ONNX Runtime where no option does. */
  public static final String HOME_VARIABLE = "X3D_ORT_HOME";

  private static final String SONAME = "libonnxruntime.so.1";
  private static final String SHARED = "libonnxruntime_providers_shared.so";
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\..*");

  /** The user's library; empty for the bundled one, null while nothing is chosen. */
  private static Optional<Path> chosen;

  private OrtLibrary() {}

  /**
   * Takes the ONNX Runtime in a folder instead of the bundled one, for the whole process.
   *
   * @param home a folder with {@code libonnxruntime.so.1}, or with a folder {@code lib} or {@code lib64} that has it
   * @throws RuntimeFailure if there is none, it cannot be loaded, its C API is too old, or another one is loaded already
   */
  public static synchronized void use(Path home) {
    Path library = find(home);
    if (chosen != null) {
      if (!chosen.equals(Optional.of(library))) {
        throw new RuntimeFailure("ONNX Runtime is loaded already, from "
            + chosen.map(Path::toString).orElse("the bundled libraries") + "; " + home
            + " would have to be named before that");
      }
      return;
    }
    requireLevel(library);
    load(library);
    chosen = Optional.of(library);
  }

  /**
   * Chooses the folder of the environment variable, or else the bundled library, unless that is done.
   *
   * @throws RuntimeFailure as {@link #use} does
   */
  static synchronized void choose() {
    if (chosen != null) {
      return;
    }
    String home = System.getenv(HOME_VARIABLE);
    if (home == null || home.isBlank()) {
      chosen = Optional.empty();
      return;
    }
    try {
      use(Path.of(home));
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(HOME_VARIABLE + ": " + e.getMessage(), e);
    }
  }

  /** Whether it is the one that came with x3d. */
  public static boolean bundled() {
    choose();
    return chosen.isEmpty();
  }

  /** For example 1.24.1. */
  public static String version() {
    choose();
    return onnxruntime.GetVersionString().getString();
  }

  /** Its execution providers under ONNX Runtime's names; being named does not mean that their libraries load. */
  static List<String> providers() {
    choose();
    try (StringVector names = onnxruntime.GetAvailableProviders()) {
      return Stream.iterate(0L, i -> i < names.size(), i -> i + 1)
          .map(i -> names.get(i).getString())
          .toList();
    }
  }

  /** Where it was loaded from, and so where it looks for its providers; empty where the system does not say. */
  static Optional<Path> folder() {
    choose();
    onnxruntime.GetVersionString(); // loads it
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      return maps.filter(line -> line.indexOf('/') >= 0)
          .map(line -> Path.of(line.substring(line.indexOf('/'))))
          .filter(file -> file.getFileName().toString().startsWith("libonnxruntime.so"))
          .map(Path::getParent)
          .findFirst();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** In words, for messages. */
  static String described() {
    return bundled()
        ? "the bundled ONNX Runtime " + version()
        : "ONNX Runtime " + version() + " of " + chosen.orElseThrow().getParent();
  }

  private static Path find(Path home) {
    if (!System.getProperty("os.name").equals("Linux")) {
      throw new RuntimeFailure("an ONNX Runtime of your own is taken on Linux only");
    }
    if (!Files.isDirectory(home)) {
      throw new RuntimeFailure("no such folder: " + home + "; name the one that holds " + SONAME
          + " of your ONNX Runtime");
    }
    List<Path> folders = List.of(home, home.resolve("lib"), home.resolve("lib64"));
    Path found = folders.stream()
        .flatMap(f -> Stream.of(SONAME, "libonnxruntime.so").map(f::resolve))
        .filter(Files::isRegularFile)
        .findFirst()
        .or(() -> folders.stream().flatMap(OrtLibrary::versioned).findFirst())
        .orElseThrow(() -> new RuntimeFailure(
            "no " + SONAME + " in " + home + ", nor in lib or lib64 below it; name the folder into"
                + " which ONNX Runtime's build put its libraries"));
    try {
      return found.toRealPath();
    } catch (IOException e) {
      throw new RuntimeFailure("cannot read " + found + ": " + e.getMessage(), e);
    }
  }

  private static Stream<Path> versioned(Path folder) {
    if (!Files.isDirectory(folder)) {
      return Stream.empty();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(f -> f.getFileName().toString().startsWith(SONAME + "."))
          .sorted()
          .toList()
          .stream();
    } catch (IOException e) {
      throw new RuntimeFailure("cannot read folder " + folder + ": " + e.getMessage(), e);
    }
  }

  /** Asks the library itself, before the bindings are there, which would end the process if it were too old. */
  private static void requireLevel(Path library) {
    requireName(library);
    NativeLibrary loaded;
    try {
      loaded = JnaLibraries.open(library.toString());
    } catch (UnsatisfiedLinkError e) {
      throw new RuntimeFailure(
          library + " cannot be loaded: " + JnaLibraries.reason(library.toString(), e), e);
    }
    Pointer base;
    try {
      base = loaded.getFunction("OrtGetApiBase").invokePointer(new Object[0]);
    } catch (UnsatisfiedLinkError e) {
      throw new RuntimeFailure(library + " is not ONNX Runtime: it has no OrtGetApiBase", e);
    }
    // struct OrtApiBase of onnxruntime_c_api.h: GetApi, then GetVersionString.
    String version = Function.getFunction(base.getPointer(com.sun.jna.Native.POINTER_SIZE))
        .invokeString(new Object[0], false);
    Matcher parts = VERSION.matcher(version);
    boolean old = parts.matches()
        && Integer.parseInt(parts.group(1)) == 1
        && Integer.parseInt(parts.group(2)) < API_LEVEL;
    // An old one would also write about it to standard error.
    if (old
        || Function.getFunction(base.getPointer(0)).invokePointer(new Object[] {API_LEVEL})
            == null) {
      throw new RuntimeFailure(library + " is ONNX Runtime " + version
          + ", which has no level " + API_LEVEL + " of the C API; x3d needs ONNX Runtime 1."
          + API_LEVEL + " or newer: build that version with your provider");
    }
  }

  private static void requireName(Path library) {
    try {
      Optional<String> soname = ElfFile.read(library).soname();
      if (!soname.equals(Optional.of(SONAME))) {
        throw new RuntimeFailure(library + " calls itself " + soname.orElse("nothing")
            + "; the bindings ask for " + SONAME);
      }
    } catch (IOException e) {
      throw new RuntimeFailure(library + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  /**
   * The bindings' own library asks the dynamic linker for {@value #SONAME}, and gets what is loaded under that name. JavaCPP
   * would load the bundled one first, and bundled providers with it, so it is told that this is done; it then also links the
   * names in its cache to the user's files, for which reason that cache is one of its own. ONNX Runtime loads its providers
   * itself, from the folder that it lies in.
   *
   * <p>Of the functions that the bindings' library takes from there, all but {@code OrtGetApiBase} are old ways to name a
   * provider ({@code OrtSessionOptionsAppendExecutionProvider_Dnnl}). x3d does not call them, and that library is bound lazily
   * (no {@code BIND_NOW}), so a build that lacks them will do.
   */
  private static void load(Path library) {
    Path usual = Path.of(System.getProperty(
        "org.bytedeco.javacpp.cachedir", System.getProperty("user.home") + "/.javacpp"));
    Path cache = usual.resolve("ort-home-" + Integer.toHexString(library.hashCode()));
    System.setProperty("org.bytedeco.javacpp.cachedir", cache.toString());
    try {
      if (!Loader.getCacheDir().toPath().equals(cache)) {
        throw new RuntimeFailure("other native libraries are loaded already, or the folder " + cache
            + " cannot be made; an ONNX Runtime of your own has to be named before that");
      }
      Path shared = library.resolveSibling(SHARED);
      Loader.loadLibrary(
          onnxruntime.class,
          urls(Files.isRegularFile(shared) ? shared : library),
          "onnxruntime_providers_shared");
      Loader.loadLibrary(onnxruntime.class, urls(library), "onnxruntime@.1");
      // The bundled ones would run their constructors on tables of functions of another build.
      Loader.loadLibrary(onnxruntime.class, urls(library), "onnxruntime_providers_dnnl");
      Loader.loadLibrary(onnxruntime.class, urls(library), "onnxruntime_providers_cuda");
    } catch (IOException | UnsatisfiedLinkError e) {
      throw new RuntimeFailure(library + " cannot be loaded: " + e.getMessage(), e);
    }
  }

  private static URL[] urls(Path file) throws MalformedURLException {
    return new URL[] {file.toUri().toURL()};
  }
}
