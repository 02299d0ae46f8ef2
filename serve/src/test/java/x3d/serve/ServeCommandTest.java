package x3d.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import x3d.classify.SmallModel;
import x3d.cli.Program;

final class ServeCommandTest {
  @TempDir
  Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine line = Program.of(new ServeCommand());
    line.setOut(new PrintWriter(out));
    line.setErr(new PrintWriter(err));
    return line.execute(arguments);
  }

  @Test
  void modelIsRequired() {
    assertEquals(2, run());
    assertTrue(
        err.toString().startsWith("x3d-serve: Missing required option: '--model=[NAME=]FILE"),
        err.toString());
  }

  @Test
  void missingModelIsNamedInOneLine() {
    assertEquals(1, run("--model", "nowhere.onnx", "--port", "0"));
    assertTrue(err.toString().startsWith("x3d-serve: "), err.toString());
    assertTrue(err.toString().contains("nowhere.onnx"), err.toString());
    assertEquals(1, err.toString().lines().count());
  }

  @Test
  void takenPortIsNamedInOneLineAndNothingIsLeft() throws IOException {
    Path uploads = Files.createDirectory(folder.resolve("uploads"));
    Path model = SmallModel.writeTo(folder);
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      String port = Integer.toString(taken.getLocalPort());
      assertEquals(
          1, run("--model", model.toString(), "--port", port, "--uploads", uploads.toString()));
      assertTrue(err.toString().startsWith("x3d-serve: "), err.toString());
      assertTrue(err.toString().contains(port), err.toString());
      assertEquals(1, err.toString().lines().count(), err.toString());
    }
    try (Stream<Path> left = Files.list(uploads)) {
      assertEquals(0, left.count());
    }
  }

  @Test
  void helpNamesEveryOption() {
    assertEquals(0, run("--help"));
    for (String option :
        new String[] {"--model", "--host", "--port", "--threads", "--max-upload", "--version"}) {
      assertTrue(out.toString().contains(option), option);
    }
  }
}
