package x3d.tools.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import x3d.cli.Program;

/**
 * Where and when a figure was taken.
 *
 * @param revision the git commit of the checkout that runs, or "unknown"
 */
public record Machine(
    String processor,
    int cores,
    String jdk,
    String system,
    String date,
    String version,
    String revision) {
  /** This machine, now. */
  public static Machine here() {
    return new Machine(
        findProcessor(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("java.version") + " (" + System.getProperty("java.vendor") + ")",
        System.getProperty("os.name") + " " + System.getProperty("os.arch"),
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        Program.version(),
        findRevision());
  }

  private static String findProcessor() {
    try {
      return Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException e) {
      return "unknown";
    }
  }

  /** By the files of git: the archive runs where there is neither git nor a checkout. */
  private static String findRevision() {
    try {
      Path code = Path.of(
          Machine.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      for (Path folder = code; folder != null; folder = folder.getParent()) {
        Path git = folder.resolve(".git");
        if (Files.isDirectory(git)) {
          return head(git);
        }
      }
    } catch (Exception e) {
      return "unknown"; // a fact that is nice to have
    }
    return "unknown";
  }

  private static String head(Path git) throws IOException {
    String head = Files.readString(git.resolve("HEAD")).strip();
    if (!head.startsWith("ref: ")) {
      return head;
    }
    String name = head.substring("ref: ".length());
    if (Files.exists(git.resolve(name))) {
      return Files.readString(git.resolve(name)).strip();
    }
    return Files.readAllLines(git.resolve("packed-refs")).stream()
        .filter(line -> line.endsWith(" " + name))
        .map(line -> line.substring(0, line.indexOf(' ')))
        .findFirst()
        .orElse("unknown");
  }

  /** For JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("processor", processor);
    fields.put("cores", cores);
    fields.put("jdk", jdk);
    fields.put("system", system);
    fields.put("date", date);
    fields.put("version", version);
    fields.put("revision", revision);
    return fields;
  }

  @Override
  public String toString() {
    return processor + ", " + cores + " cores; JDK " + jdk + "; " + system + "; x3d " + version
        + " " + revision.substring(0, Math.min(12, revision.length())) + "; " + date;
  }
}
