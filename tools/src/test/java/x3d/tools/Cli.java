package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;
import picocli.CommandLine;
import x3d.cli.Program;

/** {@code x3d-tools} as a shell would call it. */
record Cli(int exit, String out, String err) {
  static Cli run(Object... arguments) {
    return of(new ToolsCommand(), arguments);
  }

  /** One of its commands alone. */
  static Cli of(Object command, Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line = Program.of(command);
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    int exit = line.execute(Arrays.stream(arguments).map(String::valueOf).toArray(String[]::new));
    return new Cli(exit, out.toString(), err.toString());
  }

  /** Fails with what was printed unless the command succeeded. */
  Cli succeeded() {
    assertEquals(0, exit, err + out);
    return this;
  }

  JsonNode json(int line) throws IOException {
    return new ObjectMapper().readTree(out.lines().toList().get(line));
  }
}
