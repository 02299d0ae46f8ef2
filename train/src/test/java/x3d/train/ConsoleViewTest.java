package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class ConsoleViewTest {
  private final StringWriter out = new StringWriter();

  private static ObjectNode line(String json) throws IOException {
    return (ObjectNode) new ObjectMapper().readTree(json);
  }

  @Test
  void withoutATerminalEveryLineIsPrintedAsItIs() throws IOException {
    String json = "{\"_type\":\"train_iter\",\"loss\":1.5}";
    try (ConsoleView view = new ConsoleView(new PrintWriter(out), false)) {
      view.advanced(new TrainingListener.Advance(1, 3, 1, 10, 1.5, 20, 0.1, 0.3));
      view.logged(line(json));
    }
    assertEquals(json + System.lineSeparator(), out.toString());
  }

  @Test
  void onATerminalOnlyWhatMattersIsSaidInWords() throws IOException {
    try (ConsoleView view = new ConsoleView(new PrintWriter(out), true)) {
      view.logged(line("{\"_type\":\"train_iter\",\"loss\":1.5}"));
      view.logged(
          line(
              "{\"_type\":\"val_epoch\",\"top1_err\":12.5,\"top5_err\":0.5,\"videos\":40,\"unreadable\":1}"));
      view.logged(line("{\"_type\":\"resumed\",\"file\":\"a\",\"changed\":[]}"));
    }
    assertEquals(
        String.format(
            "validation: top-1 error 12.5 %%, top-5 error 0.5 %% of 40 videos, 1 unreadable%n"
                + "resumed a; changed since: []%n"),
        out.toString());
  }

  @Test
  void waitingForDataStandsBesideTheStep() throws IOException {
    assertEquals(
        " loss 1.5000, 20.0 clips/s, step 0.30 s, data 0.10 s",
        ConsoleView.words(new TrainingListener.Advance(1, 3, 1, 10, 1.5, 20, 0.1, 0.3)));
    assertEquals(
        "epoch 1/3: loss 1.5, top-1 error 25.0 %, 20.0 clips/s, an update 0.3 s and 0.1 s of waiting for data",
        ConsoleView.words(
            line(
                "{\"_type\":\"train_epoch\",\"epoch\":1,\"epochs\":3,\"loss\":1.5,\"top1_err\":25.0,\"fps\":20.0,\"dt_step\":0.3,\"dt_data\":0.1}")));
  }

  @Test
  void anEpochSaysWhatTheCacheDid() throws IOException {
    assertTrue(ConsoleView.words(
            line(
                "{\"_type\":\"train_epoch\",\"epoch\":1,\"epochs\":3,\"loss\":1.5,\"top1_err\":25.0,\"fps\":20.0,\"dt_step\":0.3,\"dt_data\":0.1,\"cache_hits\":15,\"cache_misses\":5,\"cache_bytes\":1234567890}"))
        .endsWith(
            " of waiting for data; 15 clips from the cache, 5 decoded; the cache takes 1.23 GB"));
  }

  @Test
  void anOverflowSaysWhatBecameOfTheScale() throws IOException {
    assertEquals(
        "update 7 of epoch 1/3 left out: its gradient overflowed at loss scale 65536.0, now 32768.0;"
            + " 2 so far",
        ConsoleView.words(
            line(
                "{\"_type\":\"overflow\",\"epoch\":1,\"epochs\":3,\"iteration\":7,\"loss_scale\":65536.0,\"next_loss_scale\":32768.0,\"overflows\":2}")));
  }
}
