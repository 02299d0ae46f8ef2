package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Small shared libraries, compiled as a test needs them. */
final class NativeSource {
  private NativeSource() {}

  /** @param flags for the compiler besides */
  static Path compile(Path library, String source, String... flags) throws Exception {
    Path c = Files.writeString(library.resolveSibling(library.getFileName() + ".c"), source);
    List<String> command =
        new ArrayList<>(List.of("cc", "-shared", "-fPIC", "-o", library.toString(), c.toString()));
    command.addAll(List.of(flags));
    Process compiler = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(compiler.getInputStream().readAllBytes());
    assertEquals(0, compiler.waitFor(), said);
    return library;
  }

  /** A library that says it is ONNX Runtime of some version, with or without the C API of today. */
  static Path fakeOrt(Path library, String version, boolean answers, String soname)
      throws Exception {
    return compile(library, """
        static const void *api(unsigned v) { return v == 24 && %d ? (const void *) 1 : 0; }
        static const char *version(void) { return "%s"; }
        struct base { const void *(*a)(unsigned); const char *(*v)(void); };
        static const struct base BASE = { api, version };
        const struct base *OrtGetApiBase(void) { return &BASE; }
        """.formatted(answers ? 1 : 0, version), "-Wl,-soname," + soname);
  }

  /** ONNX Runtime as another library has it, with the entry to its C API and no other function. */
  static Path narrowOrt(Path library, Path whole) throws Exception {
    return compile(library, """
        #include <dlfcn.h>
        const void *OrtGetApiBase(void) {
          const void *(*base)(void) = dlsym(dlopen("%s", RTLD_LAZY | RTLD_LOCAL), "OrtGetApiBase");
          return base(); }
        """.formatted(whole), "-Wl,-soname," + library.getFileName(), "-ldl");
  }

  /** An NVIDIA driver of two devices. */
  static Path fakeDriver(Path library, int version, int init, int devices) throws Exception {
    return compile(library, """
        int cuInit(unsigned f) { return %d; }
        int cuDriverGetVersion(int *v) { *v = %d; return 0; }
        int cuDeviceGetCount(int *n) { *n = %d; return 0; }
        int cuDeviceGet(int *d, int i) { *d = i + 40; return 0; }
        int cuDeviceGetName(char *s, int n, int d) {
          const char *t = "Fake GPU"; int i = 0;
          for (; t[i]; i++) s[i] = t[i];
          s[i++] = d == 40 ? 'A' : 'B'; s[i] = 0; return 0; }
        int cuDeviceTotalMem_v2(unsigned long *b, int d) { *b = 80UL << 30; return 0; }
        """.formatted(init, version, devices));
  }

  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to);
  }
}
