package x3d.tools.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.cli.Program;
import x3d.collective.MpiJob;
import x3d.tools.ToolsCommand;

/**
 * A plan against trainings of real processes on this machine. A shared machine changes its speed by a factor of 2 within minutes, so
 * the profile and the trainings are measured in turn, a second each.
 */
final class PredictionTest {
  private static final int BATCH = 32;
  private static final double TOLERANCE = 0.2;
  private static final int LEAST_TURNS = 10;
  private static final int MOST_TURNS = 60;
  private static final int LONGEST_TURN_SECONDS = 180; // with its warm-up

  @TempDir
  Path folder;

  /** A job that works when it is given a turn. */
  private record Job(Turns turns, Future<MpiJob.Outcome> end) {}

  private final ExecutorService threads = Executors.newCachedThreadPool();

  private Job start(String name, int ranks, Class<?> main, List<String> more) {
    List<String> arguments = new ArrayList<>(List.of(folder.toString(), name));
    arguments.addAll(more);
    Callable<MpiJob.Outcome> job = () -> MpiJob.run(
        MpiJob.Launcher.OPEN_MPI, ranks, Map.of(), main, arguments.toArray(String[]::new));
    return new Job(new Turns(folder, name), threads.submit(job));
  }

  /** The job's answer; if it ended instead, what it said. */
  private String turn(Job job) throws Exception {
    Future<String> answer = threads.submit(job.turns::give);
    for (int i = 0; i < 100 * LONGEST_TURN_SECONDS; i++) {
      try {
        return answer.get(10, TimeUnit.MILLISECONDS);
      } catch (TimeoutException e) {
        if (job.end.isDone()) {
          throw new AssertionError(job.end.get().text());
        }
      }
    }
    throw new AssertionError("no answer within " + LONGEST_TURN_SECONDS + " s");
  }

  private double predicted(String profile, int ranks) throws IOException {
    Path file = Files.writeString(folder.resolve("profile.json"), profile);
    List<String> plan = new ArrayList<>(List.of(
        "plan",
        "--batch",
        "" + BATCH,
        "--devices",
        "" + ranks,
        "--ranks-a-host",
        "" + ranks,
        "--profile",
        file.toString(),
        "--json"));
    plan.addAll(DemandTest.SMALL);
    StringWriter out = new StringWriter();
    int exit = Program.of(new ToolsCommand())
        .setOut(new PrintWriter(out))
        .execute(plan.toArray(String[]::new));
    assertEquals(0, exit, out.toString());
    return new ObjectMapper().readTree(out.toString()).at("/stepSeconds/total").asDouble();
  }

  @Test
  void stepsOf1And2And4RanksTakeWhatTheModelSays() throws Exception {
    Map<Integer, Job> trainings = new LinkedHashMap<>();
    List<Job> all = new ArrayList<>();
    try {
      Job measuring = start("profile", 2, RankProfile.class, DemandTest.SMALL);
      all.add(measuring);
      for (int ranks : List.of(1, 2, 4)) {
        List<String> more = new ArrayList<>(List.of("" + BATCH));
        more.addAll(DemandTest.SMALL);
        trainings.put(ranks, start("training" + ranks, ranks, RankSteps.class, more));
        all.add(trainings.get(ranks));
      }
      hold(measuring, trainings);
    } finally {
      for (Job job : all) {
        job.turns.end();
      }
      threads.shutdown();
    }
    for (Job job : all) {
      MpiJob.Outcome outcome = job.end.get();
      assertEquals(0, outcome.exitCode(), outcome.text());
    }
  }

  /** More turns narrow medians over all of them: what is right settles within the tolerance, what is wrong beside it. */
  private void hold(Job measuring, Map<Integer, Job> trainings) throws Exception {
    StringBuilder told = new StringBuilder();
    for (int turn = 1; turn <= MOST_TURNS; turn++) {
      String profile = turn(measuring);
      Map<Integer, Double> taken = new LinkedHashMap<>();
      for (int ranks : trainings.keySet()) {
        taken.put(ranks, Double.parseDouble(turn(trainings.get(ranks))));
      }
      if (turn % LEAST_TURNS != 0) {
        continue;
      }
      boolean good = true;
      for (int ranks : taken.keySet()) {
        double says = predicted(profile, ranks);
        double took = taken.get(ranks);
        good &= Math.abs(says - took) <= TOLERANCE * took;
        told.append(String.format(
            Locale.ROOT, " %d ranks: %.1f ms, took %.1f;", ranks, 1e3 * says, 1e3 * took));
      }
      told.append('\n');
      if (good) {
        return;
      }
    }
    fail(told.toString());
  }
}
