package x3d.tools;

import java.io.PrintWriter;
import java.util.function.IntConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import x3d.train.Terminal;

/** How far a list of videos is: a bar on a terminal, else a line every 100 videos. */
public abstract class Progress implements IntConsumer, AutoCloseable {
  /**
   * @param all how many videos there are
   * @param log gets the lines where nobody looks
   */
  public static Progress of(int all, PrintWriter log) {
    return Terminal.present() ? new Bar(all) : new Lines(all, log);
  }

  /** Says nothing: for a rank that another speaks for. */
  public static Progress silent() {
    return new Progress() {
      @Override
      public void accept(int done) {}
    };
  }

  private Progress() {}

  @Override
  public void close() {}

  private static final class Bar extends Progress {
    private final ProgressBar bar;

    Bar(int all) {
      bar = new ProgressBarBuilder()
          .setTaskName("videos")
          .setInitialMax(all)
          .setStyle(ProgressBarStyle.UNICODE_BLOCK)
          .build();
    }

    /** Steps rather than jumps, for the numbers of several threads may come out of order. */
    @Override
    public void accept(int done) {
      bar.step();
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private static final class Lines extends Progress {
    private static final int EVERY = 100;

    private final int all;
    private final PrintWriter log;

    Lines(int all, PrintWriter log) {
      this.all = all;
      this.log = log;
    }

    @Override
    public void accept(int done) {
      if (done % EVERY == 0) {
        log.println(done + " of " + all);
        log.flush();
      }
    }
  }
}
