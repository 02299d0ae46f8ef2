package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
 * Plans against trainings of real processes on this machine. Profile and trainings follow each other closely, figures are medians,
 * and since a shared machine may change its speed in between, a plan has some attempts.
 */
final class PredictionTest {
  private static final int ATTEMPTS = 6;
  private static final int BATCH = 8;
  private static final double TOLERANCE = 0.2;

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
        "2,4,8",
        "--rounds",
        "9",
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
        ranks, RankSteps.class.getName(), with(List.of("" + BATCH, "15"), DemandTest.SMALL)));
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
      Path profile = measure("profile" + attempt + ".json");
      StringBuilder told = new StringBuilder();
      boolean good = true;
      for (int ranks : List.of(1, 2, 4)) {
        double says = predicted(profile, ranks);
        double takes = measured(ranks);
        good &= Math.abs(says / takes - 1) <= TOLERANCE;
        told.append(String.format(
            Locale.ROOT, " %d ranks: %.1f ms, took %.1f;", ranks, 1e3 * says, 1e3 * takes));
      }
      attempts.add(told.toString());
      System.out.println("predicted" + told);
      if (good) {
        return;
      }
    }
    assertTrue(false, String.join("\n", attempts));
  }
}
