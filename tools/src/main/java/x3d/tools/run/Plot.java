package x3d.tools.run;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Curves of characters. */
final class Plot {
  private static final String BLOCKS = "▁▂▃▄▅▆▇█";
  /** Bits of a braille character's dots by row, left and right: U+2800 is the empty one. */
  private static final int[][] DOTS = {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}};

  private Plot() {}

  /** A curve one character high: its means over equal shares of the values (at least one), from least to greatest. */
  static String line(double[] values, int width) {
    double[] shown = means(values, width);
    double low = Arrays.stream(shown).filter(Double::isFinite).min().orElse(0);
    double high = Arrays.stream(shown).filter(Double::isFinite).max().orElse(0);
    StringBuilder line = new StringBuilder();
    for (double value : shown) {
      int level = high == low ? 0 : (int) Math.round((value - low) / (high - low) * 7);
      line.append(Double.isFinite(value) ? BLOCKS.charAt(level) : ' ');
    }
    return line.toString();
  }

  /** A curve of braille dots, two wide and four high a character; rows from the top, the greatest value, to the least. */
  static List<String> dots(double[] values, int width, int height) {
    double[] shown = means(values, 2 * width);
    double low = Arrays.stream(shown).filter(Double::isFinite).min().orElse(0);
    double high = Arrays.stream(shown).filter(Double::isFinite).max().orElse(0);
    int[][] cells = new int[height][width];
    int before = -1;
    for (int x = 0; x < shown.length; x++) {
      if (!Double.isFinite(shown[x])) {
        before = -1;
        continue;
      }
      int rows = 4 * height - 1;
      int y = high == low ? rows : (int) Math.round((high - shown[x]) / (high - low) * rows);
      int from = before < 0 ? y : Math.min(y, before + Integer.signum(y - before));
      int to = before < 0 ? y : Math.max(y, before + Integer.signum(y - before));
      for (int dot = from; dot <= to; dot++) { // no holes where it is steep
        cells[dot / 4][x / 2] |= DOTS[dot % 4][x % 2];
      }
      before = y;
    }
    List<String> lines = new ArrayList<>();
    for (int[] row : cells) {
      StringBuilder line = new StringBuilder();
      Arrays.stream(row).forEach(bits -> line.append((char) (0x2800 + bits)));
      lines.add(line.toString());
    }
    return lines;
  }

  /** So many values, each the mean of its share of the given ones, without those that are no numbers; few are repeated. */
  private static double[] means(double[] values, int count) {
    double[] means = new double[count];
    for (int i = 0; i < count; i++) {
      int from = (int) ((long) values.length * i / count);
      int to = Math.max(from + 1, (int) ((long) values.length * (i + 1) / count));
      means[i] =
          Arrays.stream(values, from, to).filter(Double::isFinite).average().orElse(Double.NaN);
    }
    return means;
  }
}
