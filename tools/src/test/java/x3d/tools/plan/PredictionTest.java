package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.cli.Program;
import x3d.collective.MpiJob;
import x3d.tools.ToolsCommand;

/**
 * Plans against trainings of real processes on this machine. A shared machine changes its speed by a factor of 2 within minutes, so
 * trainings run before and after the profile, a plan may lie between them or within the tolerance of either, and has some attempts.
 */
final class PredictionTest {
  private static final int ATTEMPTS = 4;
  private static final int BATCH = 32;

  /** Some seconds of them, for the machine's speed changes within less. */
  private static final int UPDATES = 200;

  private static final double TOLERANCE = 0.2;
  private static final List<Integer> RANKS = List.of(1, 2, 4);

  @TempDir
  Path folder;

  private static List<String> run(int ranks, Class<?> main, List<String> arguments)
      throws Exception {
    MpiJob.Outcome job = MpiJob.run(
        MpiJob.Launcher.OPEN_MPI, ranks, Map.of(), main, arguments.toArray(String[]::new));
    assertEquals(0, job.exitCode(), job.text());
    return job.lines();
  }

  private static List<String> with(List<String> first, List<String> more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(more);
    return all;
  }

  private Path measure(String name) throws Exception {
    Path profile = folder.resolve(name);
    List<String> plan = List.of(
        "plan",
        "--batch",
        "" + BATCH,
        "--devices",
        "2",
        "--threads",
        "1",
        "--clips",
        "8,16,32",
        "--rounds",
        "40",
        "--measure",
        profile.toString());
    run(2, ToolsCommand.class, with(plan, DemandTest.SMALL));
    return profile;
  }

  private static double predicted(Path profile, int ranks) throws IOException {
    List<String> plan = List.of(
        "plan",
        "--batch",
        "" + BATCH,
        "--devices",
        "" + ranks,
        "--ranks-a-host",
        "" + ranks,
        "--profile",
        profile.toString(),
        "--json");
    StringWriter out = new StringWriter();
    int exit = Program.of(new ToolsCommand())
        .setOut(new PrintWriter(out))
        .execute(with(plan, DemandTest.SMALL).toArray(String[]::new));
    assertEquals(0, exit, out.toString());
    return new ObjectMapper().readTree(out.toString()).at("/stepSeconds/total").asDouble();
  }

  private static double measured(int ranks) throws Exception {
    List<String> arguments = with(List.of("" + BATCH, "" + UPDATES), DemandTest.SMALL);
    List<String> said = run(ranks, RankSteps.class, arguments);
    return said.stream()
        .filter(line -> line.startsWith(RankSteps.ANSWER))
        .mapToDouble(line -> Double.parseDouble(line.substring(RankSteps.ANSWER.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(String.join("\n", said)));
  }

  @Test
  void stepsOf1And2And4RanksTakeWhatTheModelSays() throws Exception {
    List<String> attempts = new ArrayList<>();
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      List<Double> before = measuredOf(RANKS);
      Path profile = measure("profile" + attempt + ".json");
      List<Double> after = measuredOf(RANKS);
      StringBuilder told = new StringBuilder();
      boolean good = true;
      for (int i = 0; i < RANKS.size(); i++) {
        double says = predicted(profile, RANKS.get(i));
        double least = Math.min(before.get(i), after.get(i));
        double most = Math.max(before.get(i), after.get(i));
        good &= says >= (1 - TOLERANCE) * least && says <= (1 + TOLERANCE) * most;
        told.append(String.format(
            Locale.ROOT,
            " %d ranks: %.1f ms, took %.1f and %.1f;",
            RANKS.get(i),
            1e3 * says,
            1e3 * before.get(i),
            1e3 * after.get(i)));
      }
      attempts.add(told.toString());
      if (good) {
        return;
      }
    }
    fail(String.join("\n", attempts));
  }

  private static List<Double> measuredOf(List<Integer> ranks) throws Exception {
    List<Double> seconds = new ArrayList<>();
    for (int each : ranks) {
      seconds.add(measured(each));
    }
    return seconds;
  }
}
