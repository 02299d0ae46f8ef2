package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ToolsCommandTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "build-graph",
        "check-graph",
        "inspect",
        "devices",
        "import-weights",
        "export",
        "compare",
        "classify",
        "evaluate",
        "merge",
        "compare-reports",
        "make-demo-data",
        "demo"
      })
  void everyCommandHasHelpAndVersion(String command) {
    Cli help = Cli.run(command, "--help").succeeded();
    assertTrue(help.out().startsWith("Usage: x3d-tools " + command), help.out());
    Cli version = Cli.run(command, "--version").succeeded();
    assertTrue(version.out().matches("(?s)x3d-tools " + command + " \\d+\\..*"), version.out());
    assertFalse(version.out().contains("$"), version.out());
  }

  @Test
  void withoutACommandItIsAWrongCall() {
    Cli none = Cli.run();
    assertEquals(2, none.exit());
    assertEquals("x3d-tools: which command?\nTry 'x3d-tools --help'.\n", none.err());
  }

  @Test
  void mistypedCommandEarnsASuggestion() {
    Cli typo = Cli.run("evalute");
    assertEquals(2, typo.exit());
    assertTrue(typo.err().contains("evaluate"), typo.err());
  }
}
