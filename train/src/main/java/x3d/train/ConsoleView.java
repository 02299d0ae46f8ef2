package x3d.train;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.Set;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows a run: on a terminal a bar an epoch and what matters between them, else the log's lines as they are. */
final class ConsoleView implements TrainingListener, AutoCloseable {
  /** Lines that a person at a terminal should see besides the bar. */
  private static final Set<String> SHOWN = Set.of(
      "resumed",
      "moved_aside",
      "weights",
      "checkpoint_skipped",
      "video_replaced",
      "train_epoch",
      "val_epoch",
      "stopped");

  private final PrintWriter out;
  private final boolean terminal;
  private ProgressBar bar;

  ConsoleView(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void logged(ObjectNode line) {
    String type = line.get("_type").asText();
    if (terminal && !SHOWN.contains(type)) {
      return;
    }
    if (type.endsWith("_epoch") || type.equals("stopped")) {
      close();
    }
    out.println(line);
    out.flush();
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
    bar.setExtraMessage(String.format(
        Locale.ROOT, " loss %.4f, %.1f clips/s", advance.loss(), advance.clipsPerSecond()));
  }

  @Override
  public void close() {
    if (bar != null) {
      bar.close();
      bar = null;
    }
  }
}
