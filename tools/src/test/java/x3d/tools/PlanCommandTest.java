package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code x3d-tools plan} on a small network. */
final class PlanCommandTest {
  static final List<Object> SMALL = List.of(
      "X3D.WIDTH_FACTOR",
      1,
      "X3D.DEPTH_FACTOR",
      0.4,
      "X3D.DIM_C1",
      8,
      "X3D.DIM_C5",
      64,
      "DATA.NUM_FRAMES",
      4,
      "DATA.TRAIN_CROP_SIZE",
      32,
      "DATA.TEST_CROP_SIZE",
      32,
      "DATA.TRAIN_JITTER_SCALES",
      "[40, 48]",
      "MODEL.NUM_CLASSES",
      7,
      "TEST.NUM_SPATIAL_CROPS",
      1);

  @TempDir
  Path folder;

  private static Cli plan(Object... more) {
    List<Object> all = new ArrayList<>(List.of("plan"));
    all.addAll(Arrays.asList(more));
    all.addAll(SMALL);
    return Cli.run(all.toArray());
  }

  @Test
  void memoryAndBytesNeedNoProfile() throws IOException {
    JsonNode plan =
        plan("--devices", 4, "--hosts", 2, "--batch", 32, "--json").succeeded().json(0);
    long parameters = plan.get("parameters").asLong();
    assertEquals(4, plan.get("clipsADevice").asInt());
    assertEquals(4 * parameters, plan.at("/deviceMemory/gradients").asLong());
    assertEquals(4 * parameters / 2, plan.get("momentumBytesARank").asLong());
    assertTrue(plan.at("/deviceMemory/activations").asLong() > 0);
    assertTrue(plan.at("/traffic/outOfHostBytes").asLong() >= 4 * parameters);
    assertTrue(plan.get("stepSeconds").isNull());
    assertEquals(0, plan.get("scaling").size());
  }

  @Test
  void measuresAProfileAndPlansWithIt() throws IOException {
    Path profile = folder.resolve("profile.json");
    JsonNode measured = plan(
            "--devices",
            2,
            "--ranks-a-host",
            2,
            "--batch",
            4,
            "--measure",
            profile,
            "--threads",
            1,
            "--rounds",
            2,
            "--videos",
            100,
            "--epochs",
            3,
            "--memory",
            "8G",
            "--json")
        .succeeded()
        .json(0);
    double step = measured.at("/stepSeconds/total").asDouble();
    assertTrue(step > 0);
    assertEquals(4 / step, measured.get("clipsPerSecond").asDouble(), 1e-9);
    assertEquals(25, measured.get("updatesAnEpoch").asInt());
    assertEquals(3 * 25 * step, measured.get("runSeconds").asDouble(), 1e-6);
    assertEquals(2, measured.at("/scaling/0/rows").size());
    assertTrue(measured.get("fits").asBoolean());
    JsonNode again = plan(
            "--devices", 2, "--ranks-a-host", 2, "--batch", 4, "--profile", profile, "--json")
        .succeeded()
        .json(0);
    assertEquals(step, again.at("/stepSeconds/total").asDouble(), 1e-12);
  }

  @Test
  void plansWithAReportOfBenchTrain() throws IOException {
    Path bench = folder.resolve("bench.json");
    Cli.run(
            "bench",
            "train",
            "--width-factor",
            1,
            "--depth-factor",
            0.4,
            "--dim-c1",
            8,
            "--dim-c5",
            64,
            "--frames",
            4,
            "--crop",
            32,
            "--num-classes",
            7,
            "--batch",
            2,
            "--warmup",
            1,
            "--rounds",
            1,
            "--out",
            bench)
        .succeeded();
    Path out = folder.resolve("plan");
    Cli planned = plan(
            "--devices",
            8,
            "--hosts",
            2,
            "--batch",
            32,
            "--profile",
            bench,
            "--device-bandwidth",
            "25G",
            "--network-latency",
            "20us",
            "--out",
            out)
        .succeeded();
    assertTrue(planned.out().contains("16 devices x 2"), planned.out());
    String page = Files.readString(out.resolve("index.html"));
    assertTrue(page.contains("data-chart") && page.contains("ideal"), page);
    assertTrue(Files.readString(out.resolve("plan.json")).contains("\"clipsADevice\" : 2"));
  }

  @Test
  void aProfileOfAnotherNetworkIsRefused() throws IOException {
    Path profile = Files.writeString(folder.resolve("other.json"), """
        {"kind": "x3d training profile", "lowering": "kernels", "parameters": 5, "threads": 1, "cores": 2,
         "points": [{"clips": 1, "seconds": 1.0}], "optimizerSeconds": 0.1, "machine": {}}
        """);
    Cli refused = plan("--devices", 1, "--batch", 4, "--profile", profile);
    assertEquals(1, refused.exit());
    assertTrue(
        refused
            .err()
            .startsWith("x3d-tools plan: the profile is of 5 parameters in kernels, the recipe's"),
        refused.err());
  }

  @Test
  void aBatchThatCannotBeSharedIsRefusedWithTheNext() {
    Cli refused = plan("--devices", 8, "--hosts", 2, "--batch", 20);
    assertEquals(2, refused.exit());
    assertTrue(
        refused
            .err()
            .startsWith("x3d-tools plan: the batch is 20 clips, which 16 devices x 1 micro-batches"
                + " do not divide; the next that they do: 32"),
        refused.err());
  }

  @Test
  void ranksThatCannotShareTheDevicesAreRefused() {
    Cli refused = plan("--devices", 8, "--ranks-a-host", 3, "--batch", 8);
    assertEquals(2, refused.exit());
    assertTrue(refused.err().contains("--ranks-a-host must divide --devices"), refused.err());
  }

  @Test
  void amountsWithoutSenseAreRefused() {
    for (List<String> option : List.of(
        List.of("--network-bandwidth", "fast"),
        List.of("--memory", "64Q"),
        List.of("--network-latency", "10"),
        List.of("--host-bandwidth", "0"))) {
      Cli refused = plan(option.get(0), option.get(1));
      assertEquals(2, refused.exit(), refused.err());
      assertTrue(refused.err().contains("'" + option.get(1) + "' is not "), refused.err());
    }
  }

  @Test
  void aFileThatIsNotAProfileIsRefusedByName() throws IOException {
    Path text = Files.writeString(folder.resolve("videos.csv"), "a.mp4 0\n");
    Cli refused = plan("--devices", 1, "--batch", 4, "--profile", text);
    assertEquals(1, refused.exit());
    assertEquals(
        "x3d-tools plan: " + text + ": not JSON, or not all of it",
        refused.err().strip());
    Path missing = folder.resolve("nothing.json");
    refused = plan("--devices", 1, "--batch", 4, "--loading", missing);
    assertEquals("x3d-tools plan: no such file: " + missing, refused.err().strip());
  }
}
