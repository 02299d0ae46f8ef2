package x3d.tools.page;

import static j2html.TagCreator.p;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import x3d.tools.page.Chart.Style;
import x3d.tools.page.Table.Cell;

class PageTest {
  @Test
  void whatIsShownCannotBecomeMarkup() {
    String html = Page.titled("<a & b>")
        .section(
            "Rows", Table.of("name").row(Cell.of("<script>alert(1)</script>")).draw())
        .add(Chart.of("</script><b>", "x", "y")
            .series("</script>", new double[] {1}, new double[] {2}, Style.LINE)
            .draw())
        .html();
    assertTrue(html.contains("&lt;a &amp; b&gt;"), html);
    assertFalse(html.contains("<script>alert"));
    assertFalse(html.contains("</script><b>"));
  }

  @Test
  void aPageMayAskNoOtherHost() {
    String html = Page.titled("t").add(p("x")).html();
    assertTrue(
        html.contains("default-src &#x27;none&#x27;") || html.contains("default-src 'none'"), html);
  }

  @Test
  void uplotComesOnlyWithCharts() {
    Chart chart = Chart.of("c", "x", "y").series("s", new double[0], new double[0], Style.BARS);
    assertTrue(Page.titled("t").add(chart.draw()).html().contains("uPlot"));
    assertFalse(Page.titled("t").add(p("x")).html().contains("uPlot"));
  }

  @Test
  void chartsHoldTheirNumbersAndGapsForWhatIsNone() throws Exception {
    String html = Chart.of("c", "epoch", "loss")
        .series("run", new double[] {1, 2, 3}, new double[] {0.5, Double.NaN, 1e-9}, Style.DASHED)
        .color(3)
        .logY()
        .draw()
        .render();
    String json = html.substring(html.indexOf("json\">") + 6, html.indexOf("</script>"));
    JsonNode spec = new ObjectMapper().readTree(json);
    assertEquals("[0.5,null,1.0E-9]", spec.at("/series/0/ys").toString());
    assertEquals(3, spec.at("/series/0/color").asInt());
    assertTrue(spec.path("logY").asBoolean());
  }

  @Test
  void refusesPointsWithoutPartners() {
    Chart chart = Chart.of("c", "x", "y");
    assertThrows(
        IllegalArgumentException.class,
        () -> chart.series("s", new double[2], new double[1], Style.LINE));
  }

  @Test
  void refusesARowOfAnotherWidth() {
    assertThrows(IllegalArgumentException.class, () -> Table.of("a", "b").row(Cell.of("x")));
  }

  @Test
  void numbersSortByTheirValueAndUnknownOnesAreNone() {
    String html =
        Table.of("n").row(Cell.of("%.1f %%", 12.34)).row(Cell.unknown()).draw().render();
    assertTrue(html.contains("data-key=\"12.34\">12.3 %</td>"), html);
    assertTrue(html.contains("data-key=\"NaN\">–</td>"), html);
  }
}
