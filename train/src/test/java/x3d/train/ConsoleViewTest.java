package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

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
      view.advanced(new TrainingListener.Advance(1, 3, 1, 10, 1.5, 20));
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
}
