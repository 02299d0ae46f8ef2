package x3d.tools.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.tools.Json;
import x3d.tools.evaluate.Comparison.ClassChange;

/** Says what a second evaluation of the same videos got better and worse than a first. */
@Command(
    name = "compare-reports",
    description = {
      "Say what one model names better, and what worse, than another, from the reports of",
      "'x3d-tools evaluate' of both, and whether that may be chance (McNemar's test)."
    },
    sortOptions = false)
public final class CompareReportsCommand implements Callable<Integer> {
  private static final int LISTED = 10;

  private static final ObjectMapper MAPPER = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .build();

  @Parameters(
      index = "0",
      paramLabel = "FIRST",
      description = "The report to hold the other against: report.json, or its folder.")
  private Path first;

  @Parameters(index = "1", paramLabel = "SECOND", description = "The other report.")
  private Path second;

  @Option(
      names = "--common",
      description =
          "Compare the videos that both lists hold, by path. Default: refuse lists that differ.")
  private boolean common;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Also write comparison.json and index.html there.")
  private Path folder;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Comparison comparison =
        Comparison.of(first.toString(), read(first), second.toString(), read(second), common);
    if (folder != null) {
      Json.save(folder.resolve("comparison.json"), Json.pretty(comparison) + "\n");
      Json.save(folder.resolve("index.html"), ComparisonPage.of(comparison));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.line(comparison));
    } else {
      say(comparison, out);
    }
    out.flush();
    return 0;
  }

  private static EvaluationReport read(Path given) throws IOException {
    Path file = Files.isDirectory(given) ? given.resolve("report.json") : given;
    JsonNode tree = Json.read(file);
    try {
      return MAPPER.treeToValue(tree, EvaluationReport.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          file + ": not a report as this version's x3d-tools evaluate writes it", e);
    }
  }

  private void say(Comparison c, PrintWriter out) {
    out.printf(Locale.ROOT, "top-1   %.2f %% and %.2f %%%n", c.firstTop1(), c.secondTop1());
    out.println(Words.verdict(c));
    say("better", c.perClass().stream().filter(one -> one.change() > 0), out);
    say("worse", c.perClass().stream().filter(one -> one.change() < 0), out);
    if (folder != null) {
      out.println("page    " + folder.resolve("index.html"));
    }
  }

  private static void say(String heading, Stream<ClassChange> classes, PrintWriter out) {
    classes
        .limit(LISTED)
        .forEach(c -> out.printf(
            Locale.ROOT,
            "%-7s %s: %.1f %% to %.1f %% of %d%n",
            heading,
            c.name(),
            c.firstTop1(),
            c.secondTop1(),
            c.videos()));
  }
}
