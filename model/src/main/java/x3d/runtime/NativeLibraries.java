package x3d.runtime;

import java.util.Optional;

/** Which shared libraries the dynamic linker finds. */
interface NativeLibraries {
  /** Why a library cannot be loaded, in the linker's words; empty if it can. */
  Optional<String> whyNot(String name);
}
