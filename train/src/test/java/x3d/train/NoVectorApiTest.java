package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs in JVMs that were started without {@code --add-modules jdk.incubator.vector}. */
class NoVectorApiTest {
  @TempDir
  static Path folder;

  private static Path data;
  private static Path recipe;

  @BeforeAll
  static void makeData() throws Exception {
    data = TestRun.data(folder.resolve("data"), 8);
    recipe = Files.writeString(folder.resolve("recipe.yaml"), TestRun.recipe().toYaml());
  }

  @Test
  void trainingFallsBackToConv3dAndSaysSoOnce() throws Exception {
    Path output = folder.resolve("fallback");
    TrainProcess.Outcome outcome =
        TrainProcess.runWithoutVectorApi(data, output, recipe, "SOLVER.MAX_EPOCH", "1");
    assertEquals(0, outcome.exitCode(), outcome.lines().toString());
    assertEquals(1, mentions(outcome.lines(), "no Vector API"), outcome.lines().toString());
    assertTrue(Files.exists(output.resolve("model.onnx")));
  }

  @Test
  void kernelsAskedForByNameAreRefusedWithTheRemedy() throws Exception {
    Path output = folder.resolve("refused");
    TrainProcess.Outcome outcome =
        TrainProcess.runWithoutVectorApi(data, output, recipe, "MODEL.LOWERING", "kernels");
    assertEquals(1, outcome.exitCode(), outcome.lines().toString());
    assertEquals(1, mentions(outcome.lines(), "--add-modules jdk.incubator.vector"));
    assertFalse(Files.exists(output.resolve("model.onnx")));
  }

  private static long mentions(List<String> lines, String text) {
    return lines.stream().filter(line -> line.contains(text)).count();
  }
}
