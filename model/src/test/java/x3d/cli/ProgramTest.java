package x3d.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

final class ProgramTest {
  @Command(name = "lab", subcommands = Measure.class)
  static final class Lab {}

  @Command(name = "measure", description = "Measures.")
  static final class Measure implements Callable<Integer> {
    @Option(names = "--length", required = true)
    int length;

    @Override
    public Integer call() throws IOException {
      if (length < 0) {
        throw new UncheckedIOException(new NoSuchFileException("ruler.csv"));
      }
      return 0;
    }
  }

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = Program.of(new Lab());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(arguments);
  }

  @Test
  void failureIsOneLineAndExitCodeOne() {
    assertEquals(1, run("measure", "--length", "-1"));
    assertEquals("lab measure: no such file: ruler.csv\n", err.toString());
  }

  @Test
  void debugAddsTheStackTrace() {
    assertEquals(1, run("measure", "--length", "-1", "--debug"));
    assertTrue(err.toString().contains("at x3d.cli.ProgramTest$Measure.call"), err.toString());
  }

  @Test
  void wrongCallSaysWhatWouldBeRightAndIsExitCodeTwo() {
    assertEquals(2, run("measure", "--lenght", "3"));
    assertEquals(
        "lab measure: Missing required option: '--length=<length>'\nTry 'lab measure --help'.\n",
        err.toString());
  }

  @Test
  void typoInACommandEarnsASuggestion() {
    assertEquals(2, run("measrue"));
    assertTrue(err.toString().contains("Did you mean: lab measure?"), err.toString());
  }

  @Test
  void everyCommandHasHelpAndVersion() {
    assertEquals(0, run("measure", "--help"));
    assertTrue(out.toString().contains("Measures."), out.toString());
    assertEquals(0, run("measure", "--version"));
    assertTrue(out.toString().contains("lab measure "), out.toString());
    assertTrue(!out.toString().contains("${"), out.toString());
  }
}
