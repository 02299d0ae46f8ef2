package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CheckGraphCommandTest {
  @TempDir
  private static Path folder;

  @BeforeAll
  void writeGraphs() {
    for (String lowering : new String[] {"planes", "conv3d"}) {
      Cli.run(
              "build-graph",
              "--variant",
              "XS",
              "--batch",
              2,
              "--lowering",
              lowering,
              "--out",
              folder.resolve(lowering))
          .succeeded();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"training.onnx", "inference.onnx"})
  void cannTakesEveryNodeOfPlanes(String name) throws IOException {
    Path model = folder.resolve("planes").resolve(name);
    JsonNode answer =
        Cli.run("check-graph", "--ep", "cann", model, "--json").succeeded().json(0);
    assertEquals(0, answer.get("refused").size());
    assertTrue(answer.get("nodes").asInt() > 100, answer.toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"training.onnx", "inference.onnx"})
  void cannRefusesThe3dConvolutionsByName(String name) throws IOException {
    Path model = folder.resolve("conv3d").resolve(name);
    Cli check = Cli.run("check-graph", "--ep", "cann", model);
    assertEquals(1, check.exit());
    assertTrue(check.out().contains("s2.pathway0_res0/branch2.b"), check.out());
    assertTrue(check.out().contains("only images [N, C, H, W] are taken"), check.out());
    assertEquals("", check.err());
  }

  @Test
  void whatCannotBeCheckedIsSaid() throws IOException {
    Path text = Files.writeString(folder.resolve("text.onnx"), "hello");
    Cli broken = Cli.run("check-graph", "--ep", "cann", text);
    assertEquals(1, broken.exit());
    assertTrue(broken.err().startsWith("x3d-tools check-graph: " + text + ": "), broken.err());
    Cli other = Cli.run("check-graph", "--ep", "tpu", text);
    assertEquals(2, other.exit());
    assertTrue(other.err().contains("--ep tpu: only cann's rules"), other.err());
  }
}
