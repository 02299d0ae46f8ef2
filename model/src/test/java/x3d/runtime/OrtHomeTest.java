package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** {@code --ort-home}: an ONNX Runtime is chosen once a process, so each choice has a process of its own. */
@EnabledOnOs(OS.LINUX)
class OrtHomeTest {
  private static final String NAME = "libonnxruntime.so.1";

  @TempDir
  private Path folder;

  private record Answer(int exit, List<String> lines) {}

  private Answer ask(Path variable, Path... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "--add-modules",
        "jdk.incubator.vector",
        // So that what is unpacked for the test goes with it.
        "-Dorg.bytedeco.javacpp.cachedir=" + folder.resolve("cache"),
        "-cp",
        System.getProperty("java.class.path"),
        OrtHomeProcess.class.getName()));
    Stream.of(arguments).map(Path::toString).forEach(command::add);
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().remove(OrtLibrary.HOME_VARIABLE);
    if (variable != null) {
      builder.environment().put(OrtLibrary.HOME_VARIABLE, variable.toString());
    }
    Path errors = folder.resolve("stderr");
    Process process = builder.redirectError(errors.toFile()).start();
    List<String> lines =
        new String(process.getInputStream().readAllBytes()).lines().toList();
    int exit = process.waitFor();
    assertEquals(
        "",
        String.join(
            "\n",
            Files.readAllLines(errors).stream()
                .filter(l -> !l.startsWith("WARNING"))
                .toList()));
    return new Answer(exit, lines);
  }

  private void assertRefused(String reason, Path home) throws Exception {
    assertEquals(new Answer(1, List.of("refused " + reason)), ask(null, home));
  }

  /** A copy of the bundled libraries. */
  private Path copy(String name) throws IOException {
    Path home = folder.resolve(name);
    Path bundled = OrtLibrary.folder().orElseThrow();
    for (String file : List.of(NAME, "libonnxruntime_providers_shared.so")) {
      NativeSource.copy(bundled.resolve(file), home.resolve(file));
    }
    return home;
  }

  @Test
  void aFolderThatIsNotThereIsNamed() throws Exception {
    Path none = folder.resolve("none");
    assertRefused(
        "no such folder: " + none + "; name the one that holds libonnxruntime.so.1 of your ONNX"
            + " Runtime",
        none);
  }

  @Test
  void aFolderWithoutTheLibraryIsNamed() throws Exception {
    assertRefused(
        "no libonnxruntime.so.1 in " + folder + ", nor in lib or lib64 below it; name the folder"
            + " into which ONNX Runtime's build put its libraries",
        folder);
  }

  @Test
  void anOlderVersionIsRefusedBeforeItCanCrash() throws Exception {
    Path library = NativeSource.fakeOrt(folder.resolve(NAME), "1.22.1", false, NAME);
    assertRefused(
        library + " is ONNX Runtime 1.22.1, which has no level 24 of the C API; x3d needs ONNX"
            + " Runtime 1.24 or newer: build that version with your provider",
        folder);
  }

  @Test
  void aVersionThatDoesNotAnswerTheLevelIsRefused() throws Exception {
    Path library = NativeSource.fakeOrt(folder.resolve(NAME), "1.30.0", false, NAME);
    assertRefused(
        library + " is ONNX Runtime 1.30.0, which has no level 24 of the C API; x3d needs ONNX"
            + " Runtime 1.24 or newer: build that version with your provider",
        folder);
  }

  @Test
  void whatIsNotOnnxRuntimeIsRefused() throws Exception {
    Path library = NativeSource.compile(folder.resolve(NAME), "int other;", "-Wl,-soname," + NAME);
    assertRefused(library + " is not ONNX Runtime: it has no OrtGetApiBase", folder);
    Path second = Files.createDirectory(folder.resolve("second"));
    Path misnamed = NativeSource.fakeOrt(second.resolve(NAME), "1.24.1", true, "libort.so");
    assertRefused(
        misnamed + " calls itself libort.so; the bindings ask for libonnxruntime.so.1", second);
  }

  @Test
  void aCopyOfTheBundledLibrariesIsWhatRuns() throws Exception {
    Path home = copy("own");
    List<String> expected = List.of(
        "answer 42.0",
        "ONNX Runtime 1.24.1 of " + home,
        "mapped " + home.resolve(NAME),
        "mapped " + home.resolve("libonnxruntime_providers_shared.so"));
    assertEquals(new Answer(0, expected), ask(null, home));
    assertEquals(new Answer(0, expected), ask(home));
    // What the two left in JavaCPP's cache does not reach a process without a folder of its own.
    Answer plain = ask(null);
    assertEquals(0, plain.exit());
    assertEquals(
        List.of("answer 42.0", "the bundled ONNX Runtime 1.24.1"), plain.lines().subList(0, 2));
  }

  /** The bindings name functions of providers that a build of one's own has not; x3d calls none of them. */
  @Test
  void aBuildWithoutTheProvidersOfTheBundledOneWillDo() throws Exception {
    Path whole = Files.move(copy("whole").resolve(NAME), folder.resolve("whole.so"));
    Path library = NativeSource.narrowOrt(folder.resolve(NAME), whole);
    assertEquals(
        new Answer(
            0, List.of("answer 42.0", "ONNX Runtime 1.24.1 of " + folder, "mapped " + library)),
        ask(null, folder));
  }

  @Test
  void theLibFolderOfAnArchiveAndAnEnvironmentThatIsWrongAreSeen() throws Exception {
    Path home = folder.resolve("archive");
    Files.createDirectory(home);
    Files.move(copy("own"), home.resolve("lib"));
    assertEquals(
        "mapped " + home.resolve("lib").resolve(NAME), ask(null, home).lines().get(2));
    assertEquals(
        new Answer(
            1,
            List.of("refused X3D_ORT_HOME: no such folder: " + folder.resolve("none")
                + "; name the one that holds libonnxruntime.so.1 of your ONNX Runtime")),
        ask(folder.resolve("none")));
  }

  @Test
  void itIsTooLateOnceOneIsLoaded() throws IOException {
    Path home = copy("late");
    OrtLibrary.choose();
    assertEquals(
        "ONNX Runtime is loaded already, from the bundled libraries; " + home
            + " would have to be named before that",
        assertThrows(RuntimeFailure.class, () -> OrtLibrary.use(home)).getMessage());
  }
}
