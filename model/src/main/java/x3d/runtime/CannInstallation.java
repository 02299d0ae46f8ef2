package x3d.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** What the CANN provider needs of a machine, looked for piece by piece. */
final class CannInstallation {
  private static final String PROVIDER = "CANNExecutionProvider";
  private static final String RUNTIME = "libascendcl.so";
  private static final List<String> HOMES =
      List.of("ASCEND_HOME_PATH", "ASCEND_TOOLKIT_HOME", "ASCEND_HOME");

  private final List<String> providers;
  private final String ort;
  private final NativeLibraries libraries;
  private final Map<String, String> environment;
  private final Path nodes;

  /**
   * @param providers that ONNX Runtime has, under its own names
   * @param ort the ONNX Runtime in words
   * @param nodes the folder of device nodes, /dev
   */
  CannInstallation(
      List<String> providers,
      String ort,
      NativeLibraries libraries,
      Map<String, String> environment,
      Path nodes) {
    this.providers = List.copyOf(providers);
    this.ort = ort;
    this.libraries = libraries;
    this.environment = Map.copyOf(environment);
    this.nodes = nodes;
  }

  Availability availability() {
    List<Problem> problems = new ArrayList<>();
    if (!providers.contains(PROVIDER)) {
      problems.add(new Problem(
          ort + " is built without the CANN provider",
          "build ONNX Runtime 1." + OrtLibrary.API_LEVEL
              + " with --use_cann and name the folder of its libraries by --ort-home"));
    }
    if (HOMES.stream().noneMatch(environment::containsKey)) {
      problems.add(new Problem(
          "none of " + String.join(", ", HOMES) + " is set",
          "install the CANN toolkit and source its set_env.sh"));
    }
    libraries
        .whyNot(RUNTIME)
        .ifPresent(why -> problems.add(new Problem(
            why, "source set_env.sh of the CANN toolkit, which puts it on LD_LIBRARY_PATH")));
    int devices = devices();
    if (devices == 0) {
      problems.add(
          new Problem(
              "no device node " + nodes.resolve("davinci0"),
              "install the Ascend driver and see npu-smi info; in a container, pass the nodes on to it"));
    }
    return problems.isEmpty()
        ? Availability.usable(
            Provider.CANN,
            IntStream.range(0, devices)
                .mapToObj(i -> new DeviceInfo(i, "Ascend NPU", OptionalLong.empty()))
                .toList())
        : Availability.unusable(Provider.CANN, problems);
  }

  /** Devices are numbered anew for a process that may use only some of them. */
  private int devices() {
    if (!Files.isDirectory(nodes)) {
      return 0;
    }
    try (Stream<Path> all = Files.list(nodes)) {
      return (int)
          all.filter(n -> n.getFileName().toString().matches("davinci\\d+")).count();
    } catch (IOException e) {
      return 0;
    }
  }
}
