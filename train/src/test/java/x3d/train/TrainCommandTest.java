package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import x3d.cli.Program;

class TrainCommandTest {
  @TempDir
  Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine command = Program.of(new TrainCommand());
    command.setOut(new PrintWriter(out));
    command.setErr(new PrintWriter(err));
    return command.execute(arguments);
  }

  private String firstError() {
    return err.toString().lines().findFirst().orElse("");
  }

  @Test
  void helpNamesEveryOption() {
    assertEquals(0, run("--help"));
    for (String option : new String[] {
      "--data",
      "--output",
      "--recipe",
      "--ep",
      "--devices",
      "--epochs",
      "--resume",
      "--finetune",
      "--performance",
      "--tensorboard",
      "--threads",
      "--debug",
      "--path-prefix",
      "--cache",
      "--cache-size",
      "--profile",
      "--profile-steps",
      "KEY VALUE"
    }) {
      assertTrue(out.toString().contains(option), option);
    }
  }

  @Test
  void aProfileOfTooManyUpdatesIsAUsageError() {
    assertEquals(2, run("--data", folder.toString(), "--profile-steps", "1000"));
    assertTrue(firstError().contains("a profile is of 1 to 100 steps"), firstError());
  }

  @Test
  void versionIsPrinted() {
    assertEquals(0, run("--version"));
    assertTrue(out.toString().startsWith("x3d-train "), out.toString());
  }

  @Test
  void aCallWithoutDataIsAUsageError() {
    assertEquals(2, run("--output", folder.toString()));
    assertEquals(
        "x3d-train: which videos? name their folder with --data DIR or DATA.PATH_TO_DATA_DIR",
        firstError());
  }

  @Test
  void fineTunesFromAFileAndNeedsNoKeyForIt() throws IOException {
    Path data = TestRun.data(folder.resolve("data"), 8);
    Files.delete(data.resolve("val.csv"));
    Path start =
        TestRun.resource("/reference/pyth/slowfast_tiny_zip.pyth", folder.resolve("start.pyth"));
    Path recipe = Files.writeString(
        folder.resolve("recipe.yaml"),
        TestRun.recipe("TRAIN.CHECKPOINT_EPOCH_RESET", "False", "SOLVER.MAX_EPOCH", "1")
            .toYaml());
    Path output = folder.resolve("out");
    int exit = run(
        "--data", data.toString(),
        "--output", output.toString(),
        "--recipe", recipe.toString(),
        "--finetune", start.toString(),
        "--threads", "2");
    assertEquals(0, exit, err.toString());
    assertTrue(out.toString().contains("loaded 138 of the 140 tensors of the network"));
    assertEquals(
        start.toString(),
        Recipe.read(output.resolve("recipe.yaml")).text("TRAIN.CHECKPOINT_FILE_PATH"));
  }

  @Test
  void aPerformanceRunBeginsAnewOrNotAtAll() {
    assertEquals(2, run("--data", folder.toString(), "--performance", "--resume", "auto"));
    assertEquals(
        "x3d-train: a performance run (TRAIN.PERFORMANCE) begins anew: leave --resume out",
        firstError());
  }

  @Test
  void theRecipeOfFineTuningAsksForAFile() {
    assertEquals(2, run("--data", folder.toString(), "--recipe", "x3d_s_finetune"));
    assertTrue(firstError().contains("name it with --finetune FILE"), firstError());
  }

  @Test
  void aMistypedKeyIsAUsageErrorWithWhatWasMeant() {
    assertEquals(2, run("--data", folder.toString(), "SOLVER.BASELR", "0.1"));
    assertEquals(
        "x3d-train: command line: unknown key SOLVER.BASELR (did you mean SOLVER.BASE_LR?)",
        firstError());
  }

  @Test
  void aMistypedOptionIsAUsageError() {
    assertEquals(2, run("--data", folder.toString(), "--epoch", "3"));
    assertTrue(err.toString().contains("--epochs"), err.toString());
  }

  @Test
  void pureFloat16IsRefusedWithWhatToDo() {
    assertEquals(2, run("--data", folder.toString(), "APEX.OPT_LEVEL", "O3"));
    assertTrue(firstError().contains("set O2, or O1 or O0"), firstError());
  }

  @Test
  void anUnknownProviderIsAUsageError() {
    assertEquals(2, run("--data", folder.toString(), "--ep", "tpu"));
    assertTrue(firstError().contains("'tpu'"), firstError());
  }

  @Test
  void aCacheSizeThatIsNoneIsAUsageError() {
    for (String size : new String[] {"12Q", "-1", "1.5G", ""}) {
      assertEquals(2, run("--data", folder.toString(), "--cache", "c", "--cache-size", size), size);
      assertTrue(err.toString().contains("--cache-size is '" + size + "'; it must be"), size);
    }
  }

  @Test
  void aCacheSizeWithoutACacheIsAUsageError() {
    assertEquals(2, run("--data", folder.toString(), "--cache-size", "10G"));
    assertEquals("x3d-train: --cache-size 10G: of which --cache DIR?", firstError());
  }

  @Test
  void withACacheTheSameIsTrained() throws IOException {
    Path data = TestRun.data(folder.resolve("lists"), 6);
    Path recipe = Files.writeString(folder.resolve("my.yaml"), TestRun.recipe().toYaml());
    Path cache = folder.resolve("cache");
    String[] common = {
      "--data", data.toString(), "--recipe", recipe.toString(), "--epochs", "2", "--threads", "2"
    };
    assertEquals(0, run(with(common, "--output", folder.resolve("plain").toString())));
    assertEquals(
        0,
        run(with(
            common,
            "--output",
            folder.resolve("cached").toString(),
            "--cache",
            cache.toString(),
            "--cache-size",
            "40M")));
    assertEquals(losses("plain"), losses("cached"));
    try (Stream<Path> files = Files.list(cache)) {
      long bytes = files.mapToLong(file -> file.toFile().length()).sum();
      assertTrue(bytes > 1 << 20 && bytes <= 40 << 20, "bytes " + bytes);
    }
  }

  /** What was trained, without times and memory. */
  private List<String> losses(String output) throws IOException {
    return Files.readAllLines(folder.resolve(output).resolve("metrics.jsonl")).stream()
        .filter(line -> !line.matches(".*\"_type\":\"(cache|memory)\".*"))
        .map(line -> line.replaceAll("\"(fps|dt_data|dt_step|wall_time)\":[^,}]*,?", ""))
        .toList();
  }

  private static String[] with(String[] common, String... more) {
    return Stream.of(common, more).flatMap(Stream::of).toArray(String[]::new);
  }

  @Test
  void dataThatAreNotThereAreAFailureInOneLine() {
    Path none = folder.resolve("none");
    assertEquals(
        1, run("--data", none.toString(), "--output", folder.resolve("out").toString()));
    assertEquals("x3d-train: " + none.resolve("train.csv") + ": no such file\n", err.toString());
  }

  @Test
  void trainsWithOptionsOverTheRecipeAndNamesTheVideosThatFailed() throws IOException {
    Path data = TestRun.data(folder.resolve("lists"), 7, "corrupted.mp4 1");
    TestRun.video(data, "corrupted.mp4");
    Path recipe = Files.writeString(folder.resolve("my.yaml"), TestRun.recipe().toYaml());
    Path output = folder.resolve("out");
    assertEquals(
        0,
        run(
            "--data", data.toString(),
            "--output", output.toString(),
            "--recipe", recipe.toString(),
            "--epochs", "1",
            "--devices", "2",
            "--resume", "auto",
            "SOLVER.BASE_LR", "0.01",
            "LOG_PERIOD", "2"));
    assertTrue(Files.exists(output.resolve("model.onnx")));
    Recipe asked = Recipe.read(output.resolve("recipe.yaml"));
    assertEquals(1, asked.integer("SOLVER.MAX_EPOCH"));
    assertEquals(2, asked.integer("NUM_GPUS"));
    assertEquals(0.01, asked.real("SOLVER.BASE_LR"));
    assertTrue(
        err.toString()
            .startsWith("x3d-train: videos that could not be read: 1\n  "
                + data.resolve("corrupted.mp4") + ": corrupted.mp4: "),
        err.toString());
    assertEquals(Files.readString(output.resolve("stdout.log")), out.toString());
  }
}
