package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.graph.Dim;

final class ExtentTest {
  private static final Map<String, Long> SYMBOLS = Map.of("batch", 2L, "height", 161L);

  @ParameterizedTest
  @CsvSource({
    "batch, 2",
    "batch*13, 26",
    "height-1, 160",
    "floor((height-1)/2)+1, 81",
    "floor((floor((height-1)/2)+1-1)/2)+1, 41",
    "floor((height-200)/2)+1, -19"
  })
  void symbolsTakeTheirValues(String symbol, long value) {
    assertEquals(value, Extent.of(Dim.of(symbol), SYMBOLS));
  }

  @Test
  void fixedSizesAreThemselves() {
    assertEquals(13, Extent.of(Dim.of(13), Map.of()));
  }

  @ParameterizedTest
  @CsvSource({"width", "height/2", "floor((height)", "batch+"})
  void whatIsUnclearIsRefusedWithItsText(String symbol) {
    String refusal = assertThrows(
            IllegalArgumentException.class, () -> Extent.of(Dim.of(symbol), SYMBOLS))
        .getMessage();
    assertTrue(refusal.contains("'" + symbol + "'"), refusal);
  }
}
