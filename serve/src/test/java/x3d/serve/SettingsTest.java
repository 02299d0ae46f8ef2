package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

final class SettingsTest {
  @TempDir
  Path folder;

  private static Object value(String option, Map<String, String> environment, String... arguments) {
    CommandLine line = ServeCommand.line(environment, arguments);
    line.parseArgs(arguments);
    return line.getCommandSpec().findOption(option).getValue();
  }

  @Test
  void optionsCountMoreThanTheEnvironmentAndThatMoreThanTheFile() throws Exception {
    Path file = Files.writeString(folder.resolve("settings"), "port = 1\nqueue = 2\nmodel = a,b\n");
    Map<String, String> environment =
        Map.of("X3D_SERVE_CONFIG", file.toString(), "X3D_SERVE_PORT", "3");
    assertEquals(2, value("--queue", environment));
    assertEquals(List.of("a", "b"), value("--model", environment));
    assertEquals(3, value("--port", environment));
    assertEquals(4, value("--port", environment, "--port", "4"));
    assertEquals(1, value("--port", Map.of(), "--config", file.toString()));
  }

  @Test
  void groupedOptionsAreSetElsewhereToo() {
    Map<String, String> environment =
        Map.of("X3D_SERVE_MODEL", "a", "X3D_SERVE_MAX_UPLOAD", "7", "X3D_SERVE_API_KEYS", "k");
    assertEquals(7L, value("--max-upload", environment));
    assertEquals(Path.of("k"), value("--api-keys", environment));
  }

  @Test
  void unknownSettingsOfAFileAreNamed() throws Exception {
    Path file = Files.writeString(folder.resolve("settings"), "prot = 1\n");
    ParameterException failure = assertThrows(
        ParameterException.class, () -> ServeCommand.line(Map.of(), "--config=" + file));
    assertTrue(
        failure.getMessage().contains("'prot' is no setting; there are ["), failure.getMessage());
    assertTrue(failure.getMessage().contains("port"), failure.getMessage());
  }
}
