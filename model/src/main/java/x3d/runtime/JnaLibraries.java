package x3d.runtime;

import com.sun.jna.Library;
import com.sun.jna.NativeLibrary;
import java.util.Map;
import java.util.Optional;

/** The libraries of this machine, tried by loading them. */
final class JnaLibraries implements NativeLibraries {
  private static final int LAZY_AND_LOCAL = 1; // RTLD_LAZY | RTLD_LOCAL of dlfcn.h

  @Override
  public Optional<String> whyNot(String name) {
    try {
      open(name);
      return Optional.empty();
    } catch (UnsatisfiedLinkError e) {
      return Optional.of(reason(name, e));
    }
  }

  /** @throws UnsatisfiedLinkError if it cannot be loaded */
  static NativeLibrary open(String name) {
    return NativeLibrary.getInstance(name, Map.of(Library.OPTION_OPEN_FLAGS, LAZY_AND_LOCAL));
  }

  /** The linker's own line out of JNA's message, which has one for each place that it tried. */
  static String reason(String name, UnsatisfiedLinkError failure) {
    return failure
        .getMessage()
        .lines()
        .map(String::strip)
        .filter(line -> line.contains(": ") && !line.startsWith("Unable to load"))
        .findFirst()
        .orElse(name + " cannot be loaded");
  }
}
