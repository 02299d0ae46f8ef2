package x3d.tools.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.tools.run.RunFacts.State;

/** Follows a run. */
@Command(
    name = "watch",
    description = {
      "Watch a training: loss, errors, learning rate, clips a second, waiting for data, memory, validations.",
      "It reads the files of the run, so it may run anywhere they can be seen, and as often as one likes."
    },
    footer = {
      "",
      "On a terminal it draws curves and renews them; elsewhere it prints a line for each of the log's.",
      "It ends when the run is finished, and waits where the run was stopped or killed, until it goes on."
    },
    sortOptions = false)
public final class WatchCommand implements Callable<Integer> {
  /** Points of a curve: more than a terminal is wide. */
  private static final int POINTS = 1024;

  private static final int PLAIN_WIDTH = 100;

  @Parameters(paramLabel = "RUN", description = "OUT of the x3d-train to watch.")
  private Path folder;

  @Option(names = "--once", description = "Print how it stands now, and end.")
  private boolean once;

  @Option(
      names = "--every",
      paramLabel = "SECONDS",
      description = "How often to look. Default: ${DEFAULT-VALUE}.")
  private double every = 1;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (!(every >= 0.1 && every <= 3600)) {
      throw new ParameterException(
          spec.commandLine(), "--every is " + every + "; it must be from 0.1 to 3600 seconds");
    }
    if (once) {
      Watched run = new Watched(folder);
      run.update();
      PrintWriter out = spec.commandLine().getOut();
      run.view(PLAIN_WIDTH).forEach(out::println);
      out.flush();
    } else if (x3d.train.Terminal.present()) {
      draw();
    } else {
      print();
    }
    return 0;
  }

  /** A run and what is kept of it. */
  private static final class Watched {
    private final RunFacts facts = new RunFacts();
    private final RunCurves curves = new RunCurves(POINTS);
    private final RunLogReader reader;

    Watched(Path folder, RunLogReader.Listener... more) {
      List<RunLogReader.Listener> all = new ArrayList<>(List.of(facts, curves));
      all.addAll(List.of(more));
      reader = new RunLogReader(folder, all.toArray(RunLogReader.Listener[]::new));
    }

    /** Whether the run is finished. */
    boolean update() throws IOException {
      reader.update();
      return facts.state() == State.FINISHED;
    }

    List<String> view(int width) throws IOException {
      long quiet = Duration.between(reader.lastChange(), Instant.now()).toSeconds();
      return WatchView.of(reader.folder().toString(), facts, curves, width, Math.max(0, quiet));
    }
  }

  private void draw() throws IOException, InterruptedException {
    Watched run = new Watched(folder);
    try (Terminal terminal = TerminalBuilder.builder().system(true).build()) {
      PrintWriter out = terminal.writer();
      int drawn = 0;
      boolean finished = false;
      while (!finished) {
        finished = run.update();
        int width = terminal.getWidth() > 0 ? terminal.getWidth() : PLAIN_WIDTH;
        List<String> lines = run.view(width - 1);
        StringBuilder frame = new StringBuilder();
        if (drawn > 0) {
          frame.append("\033[").append(drawn).append('A'); // up to its first line
        }
        lines.forEach(line -> frame.append(line).append("\033[K\n")); // and clear the line's rest
        frame.append("\033[J"); // and what was longer
        out.print(frame);
        out.flush();
        drawn = lines.size();
        if (!finished) {
          Thread.sleep((long) (1e3 * every));
        }
      }
    }
  }

  private void print() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    Watched run = new Watched(folder, new RunLogReader.Listener() {
      @Override
      public void logged(JsonNode line) {
        WatchView.words(line).ifPresent(out::println);
      }

      @Override
      public void logRestarted() {
        out.println("the run begins anew");
      }
    });
    while (!run.update()) {
      out.flush();
      Thread.sleep((long) (1e3 * every));
    }
    out.flush();
  }
}
