package x3d.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the CUDA provider needs of a machine, looked for piece by piece in the order in which it is loaded. */
final class CudaInstallation {
  static final String LIBRARY = "libonnxruntime_providers_cuda.so";
  private static final String PROVIDER = "CUDAExecutionProvider";
  private static final Pattern CUDA_RUNTIME = Pattern.compile("libcudart\\.so\\.(\\d+)");
  private static final int USUAL_CUDA = 13;

  private final List<String> providers;
  private final String ort;
  private final Optional<Path> folder;
  private final NativeLibraries libraries;
  private final CudaDriver driver;

  /**
   * @param providers that ONNX Runtime has, under its own names
   * @param ort the ONNX Runtime in words
   * @param folder where it lies
   */
  CudaInstallation(
      List<String> providers,
      String ort,
      Optional<Path> folder,
      NativeLibraries libraries,
      CudaDriver driver) {
    this.providers = List.copyOf(providers);
    this.ort = ort;
    this.folder = folder;
    this.libraries = libraries;
    this.driver = driver;
  }

  Availability availability() {
    List<Problem> problems = new ArrayList<>();
    List<String> needed = List.of();
    Optional<Path> library = folder.map(f -> f.resolve(LIBRARY));
    if (!providers.contains(PROVIDER) || library.filter(Files::exists).isEmpty()) {
      problems.add(new Problem(
          ort + " has no " + LIBRARY,
          "build x3d with mvn -Pcuda, or name an ONNX Runtime built with CUDA by --ort-home"));
    } else {
      needed = needed(library.get(), problems);
    }
    for (String name : needed) {
      libraries
          .whyNot(name)
          .ifPresent(why -> problems.add(new Problem(
              why, "install " + packageOf(name) + " and put its folder on LD_LIBRARY_PATH")));
    }
    int cuda = needed.stream()
        .map(CUDA_RUNTIME::matcher)
        .filter(Matcher::matches)
        .mapToInt(m -> Integer.parseInt(m.group(1)))
        .findFirst()
        .orElse(USUAL_CUDA);
    try {
      List<DeviceInfo> devices = driver.devices(cuda);
      return problems.isEmpty()
          ? Availability.usable(Provider.CUDA, devices)
          : Availability.unusable(Provider.CUDA, problems);
    } catch (CudaDriver.Unfit e) {
      problems.add(e.problem());
      return Availability.unusable(Provider.CUDA, problems);
    }
  }

  private static List<String> needed(Path library, List<Problem> problems) {
    try {
      return ElfFile.read(library).needed().stream()
          .filter(name -> name.matches("lib(cu|nv).*"))
          .toList();
    } catch (IOException e) {
      problems.add(new Problem(
          "cannot read " + library + ": " + e.getMessage(),
          "delete it, so that it is unpacked anew"));
      return List.of();
    }
  }

  private static String packageOf(String library) {
    if (library.startsWith("libcudnn")) {
      return "cuDNN " + version(library);
    }
    // cuFFT counts its versions one below CUDA's.
    return library.startsWith("libcufft")
        ? "cuFFT of the CUDA toolkit " + (Integer.parseInt(version(library)) + 1)
        : "the CUDA toolkit " + version(library);
  }

  private static String version(String library) {
    return library.substring(library.lastIndexOf('.') + 1);
  }
}
