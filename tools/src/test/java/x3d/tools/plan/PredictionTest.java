package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.cli.Program;
import x3d.tools.ToolsCommand;

/**
 * Plans against trainings of real processes on this machine. A shared machine changes its speed by a factor of 2 within minutes, so
 * trainings run before and after the profile, a plan may lie between them or within the tolerance of either, and has some attempts.
 */
final class PredictionTest {
  private static final int ATTEMPTS = 6;
  private static final int BATCH = 32;
  private static final double TOLERANCE = 0.2;
  private static final List<Integer> RANKS = List.of(1, 2, 4);

  @TempDir
  Path folder;

  private static List<String> mpirun(int ranks, String main, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(
        "mpirun",
        "--allow-run-as-root",
        "--oversubscribe",
        "--bind-to", // several jobs on one machine would all be bound to its first cores
        "none",
        "-n",
        Integer.toString(ranks),
        "env", // Open MPI 4 rewrites the class path of what it takes for Java, and any option with
        // "cp" in it
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        main));
    command.addAll(arguments);
    return command;
  }

  private static String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("CLASSPATH", System.getProperty("java.class.path"));
    builder
        .environment()
        .put(
            "JDK_JAVA_OPTIONS",
            "--add-modules jdk.incubator.vector -Xmx256m -XX:+UseSerialGC"
                + " -Dorg.bytedeco.javacpp.nopointergc=true -Dorg.bytedeco.javacpp.maxphysicalbytes=0");
    Process process = builder.start();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), said);
    return said;
  }

  private static List<String> with(List<String> first, List<String> more) {
    List<String> all = new ArrayList<>(first);
    all.addAll(more);
    return all;
  }

  private Path measure(String name) throws IOException, InterruptedException {
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
    run(mpirun(2, ToolsCommand.class.getName(), with(plan, DemandTest.SMALL)));
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

  private static double measured(int ranks) throws IOException, InterruptedException {
    String said = run(mpirun(
        ranks, RankSteps.class.getName(), with(List.of("" + BATCH, "30"), DemandTest.SMALL)));
    return said.lines()
        .filter(line -> line.startsWith(RankSteps.ANSWER))
        .mapToDouble(line -> Double.parseDouble(line.substring(RankSteps.ANSWER.length())))
        .findFirst()
        .orElseThrow(() -> new AssertionError(said));
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

  private static List<Double> measuredOf(List<Integer> ranks)
      throws IOException, InterruptedException {
    List<Double> seconds = new ArrayList<>();
    for (int each : ranks) {
      seconds.add(measured(each));
    }
    return seconds;
  }
}
