package x3d.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a run: on a terminal a bar an epoch and words between them, else the log's lines as they are. */
final class ConsoleView implements TrainingListener, AutoCloseable {
  private final PrintWriter out;
  private final boolean terminal;
  private ProgressBar bar;

  ConsoleView(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void logged(ObjectNode line) {
    String words = terminal ? words(line) : line.toString();
    if (!words.isEmpty()) {
      close();
      out.println(words);
      out.flush();
    }
  }

  /** What a person at a terminal should read besides the bar; empty if nothing. */
  static String words(ObjectNode line) {
    return switch (line.get("_type").asText()) {
      case "run" ->
        text(
            line,
            "%s videos of %s, %s parameters; ranks: %s, each with %s bytes of optimizer state",
            "videos",
            "data",
            "parameters",
            "ranks",
            "optimizer_bytes_a_rank");
      case "resumed" ->
        text(line, "resumed %s; changed since: %s", "file", "changed")
            + (line.has("began_with")
                ? text(line, "; the run began with %s, which is not loaded again", "began_with")
                : "");
      case "not_resumed" ->
        text(line, "not resumed: %s is of a run that did not begin with %s", "file", "starts_from");
      case "moved_aside" -> text(line, "an earlier run was moved to %s", "folder");
      case "weights" -> text(line, "weights of %s:", "file") + lines(line.get("report"));
      case "checkpoint_skipped" -> text(line, "not a checkpoint: %s", "reason");
      case "video_replaced" -> text(line, "%s; instead: %s", "reason", "replaced_by");
      case "overflow" ->
        text(
            line,
            "update %s of epoch %s/%s left out: its gradient overflowed at loss scale %s, now %s; %s so far",
            "iteration",
            "epoch",
            "epochs",
            "loss_scale",
            "next_loss_scale",
            "overflows");
      case "performance" ->
        text(
            line,
            "performance: %s clips/s over all devices, of %s updates without the first %s; the seed"
                + " project's formula, batch x devices / step time, would show %s, %s times that",
            "clips_per_second",
            "updates",
            "excluded_updates",
            "seed_formula_fps",
            "seed_formula_times_too_high");
      case "train_epoch" ->
        text(
                line,
                "epoch %s/%s: loss %s, top-1 error %s %%, %s clips/s, an update %s s and %s s of waiting for data",
                "epoch",
                "epochs",
                "loss",
                "top1_err",
                "fps",
                "dt_step",
                "dt_data")
            + cacheWords(line);
      case "val_epoch" ->
        text(
            line,
            "validation: top-1 error %s %%, top-5 error %s %% of %s videos, %s unreadable",
            "top1_err",
            "top5_err",
            "videos",
            "unreadable");
      case "profile" -> {
        List<String> lines =
            new ArrayList<>(List.of("profile in " + line.get("folder").asText()));
        line.get("table").forEach(row -> lines.add(row.asText()));
        yield String.join(System.lineSeparator(), lines);
      }
      default -> "";
    };
  }

  private static String cacheWords(ObjectNode line) {
    return line.has("cache_hits")
        ? text(line, "; %s clips from the cache, %s decoded", "cache_hits", "cache_misses")
            + String.format(
                Locale.ROOT,
                "; the cache takes %.2f GB",
                line.get("cache_bytes").asLong() / 1e9)
        : "";
  }

  private static String lines(JsonNode list) {
    StringBuilder lines = new StringBuilder();
    list.forEach(item -> lines.append(System.lineSeparator()).append("  ").append(item.asText()));
    return lines.toString();
  }

  private static String text(ObjectNode line, String words, String... fields) {
    Object[] values = Arrays.stream(fields)
        .map(line::get)
        .map(value -> value.isValueNode() ? value.asText() : value.toString())
        .toArray();
    return String.format(words, values);
  }

  @Override
  public void advanced(Advance advance) {
    if (!terminal) {
      return;
    }
    if (bar == null) {
      bar = new ProgressBarBuilder()
          .setTaskName("epoch " + advance.epoch() + "/" + advance.epochs())
          .setInitialMax(advance.iterations())
          .setStyle(ProgressBarStyle.UNICODE_BLOCK)
          .build();
    }
    bar.stepTo(advance.iteration());
    bar.setExtraMessage(words(advance));
  }

  /** What stands beside the bar. */
  static String words(Advance advance) {
    return String.format(
        Locale.ROOT,
        " loss %.4f, %.1f clips/s, step %.2f s, data %.2f s",
        advance.loss(),
        advance.clipsPerSecond(),
        advance.stepSeconds(),
        advance.dataSeconds());
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
