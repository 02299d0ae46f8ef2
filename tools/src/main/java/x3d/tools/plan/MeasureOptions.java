package x3d.tools.plan;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Option;
import x3d.collective.Collective;
import x3d.tools.Json;
import x3d.train.Recipe;

/** Whether and how a profile is measured on this machine. */
final class MeasureOptions {
  @Option(
      names = "--measure",
      paramLabel = "FILE",
      description =
          "Measure a profile of one device on this machine, write it to FILE and plan with it. Under mpirun"
              + " -n N on one host, what N ranks cost each other is measured with them, else with threads.")
  private Path file;

  @Option(
      names = "--clips",
      paramLabel = "N",
      split = ",",
      description =
          "Clips of the steps that --measure takes. Default: those of a device, and half as many.")
  private List<Integer> clips = List.of();

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of the device that --measure takes. Default: an even share of the cores.")
  private Integer threads;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Rounds of --measure. Default: ${DEFAULT-VALUE}.")
  private int rounds = 5;

  boolean wanted() {
    return file != null;
  }

  Profile profile(Recipe recipe, int each, int devices, Collective ranks)
      throws IOException, InterruptedException {
    if (rounds < 1) {
      throw new IllegalArgumentException("--rounds " + rounds + " is not 1 or more");
    }
    List<Integer> usual = each == 1 ? List.of(1, 2) : List.of(each / 2, each);
    int share = Math.max(1, Runtime.getRuntime().availableProcessors() / devices);
    Measuring.Order order = new Measuring.Order(
        recipe, clips.isEmpty() ? usual : clips, threads == null ? share : threads);
    try (Measuring measuring = new Measuring(order, ranks)) {
      measuring.warmUp();
      for (int i = 0; i < rounds; i++) {
        measuring.round();
      }
      Profile profile = measuring.profile();
      if (ranks.rank() == 0) {
        Json.save(file, Json.pretty(profile.fields()) + "\n");
      }
      return profile;
    }
  }
}
