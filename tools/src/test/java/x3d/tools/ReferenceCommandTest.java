package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReferenceCommandTest {
  @TempDir
  private Path folder;

  @Test
  void theReferenceInTheDocsIsThatOfTheCommands() throws IOException {
    Cli.run("reference", "--out", folder).succeeded();
    assertEquals(
        Files.readString(folder.resolve("commands.md")),
        Files.readString(Path.of("../docs/commands.md")),
        "docs/commands.md is out of date: bin/x3d-tools reference --out docs");
  }

  @Test
  void everyCommandHasAManPage() throws IOException {
    Cli.run("reference", "--format", "man", "--out", folder).succeeded();
    for (String name : List.of("x3d-tools", "x3d-tools-bench-train", "x3d-train", "x3d-serve")) {
      String page = Files.readString(folder.resolve(name + ".1"));
      assertTrue(page.startsWith(".TH "), page);
      assertTrue(page.contains("\n.SH SYNOPSIS\n"), page);
    }
    try (Stream<Path> pages = Files.list(folder)) {
      for (Path page : pages.toList()) {
        for (String line : Files.readAllLines(page)) {
          assertTrue(line.matches("\\.(TH|SH|TP)\\b.*|[^.'].*"), page + ": " + line);
        }
      }
    }
  }

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    Path script = folder.resolve("completion");
    Files.writeString(script, Cli.run("completion").succeeded().out());
    assertEquals("check-graph", completed(script, "_complete_x3d-tools", "x3d-tools", "check-gr"));
    assertEquals(
        "--shard", completed(script, "_complete_x3d-tools", "x3d-tools", "evaluate", "--sha"));
    assertEquals("--recipe", completed(script, "_complete_x3d-train", "x3d-train", "--rec"));
  }

  private static String completed(Path script, String function, String... words) throws Exception {
    String line = "source " + script + "; COMP_WORDS=(" + String.join(" ", words) + "); COMP_CWORD="
        + (words.length - 1) + "; " + function + "; echo \"${COMPREPLY[@]}\"";
    Process bash = new ProcessBuilder("bash", "-c", line)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
    String said = new String(bash.getInputStream().readAllBytes()).strip();
    assertTrue(bash.waitFor(30, TimeUnit.SECONDS));
    return said;
  }
}
