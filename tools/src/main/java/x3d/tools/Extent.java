package x3d.tools;

import java.util.Map;
import x3d.graph.Dim;

/**
 * The value of a symbolic dimension, such as {@code floor((height-1)/2)+1}, once its symbols have values: sums,
 * differences and products of names and whole numbers from left to right, and {@code floor((x)/n)}.
 */
public final class Extent {
  private final String text;
  private final Map<String, Long> symbols;
  private int at;

  private Extent(String text, Map<String, Long> symbols) {
    this.text = text;
    this.symbols = symbols;
  }

  /** @throws IllegalArgumentException if the dimension holds an unknown symbol or another form */
  public static long of(Dim dim, Map<String, Long> symbols) {
    if (dim.fixed()) {
      return dim.size();
    }
    Extent extent = new Extent(dim.symbol(), symbols);
    long value = extent.sum();
    if (extent.at < extent.text.length()) {
      throw extent.unclear();
    }
    return value;
  }

  private long sum() {
    long value = term();
    while (at < text.length()) {
      if (take("+")) {
        value += term();
      } else if (take("-")) {
        value -= term();
      } else if (take("*")) {
        value *= term();
      } else {
        break;
      }
    }
    return value;
  }

  private long term() {
    if (take("floor((")) {
      long numerator = sum();
      expect(")/");
      long value = Math.floorDiv(numerator, term());
      expect(")");
      return value;
    }
    int start = at;
    while (at < text.length()
        && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
      at++;
    }
    String word = text.substring(start, at);
    if (!word.isEmpty() && word.chars().allMatch(Character::isDigit)) {
      return Long.parseLong(word);
    }
    Long value = symbols.get(word);
    if (value == null) {
      throw unclear();
    }
    return value;
  }

  private boolean take(String token) {
    boolean there = text.startsWith(token, at);
    if (there) {
      at += token.length();
    }
    return there;
  }

  private void expect(String token) {
    if (!take(token)) {
      throw unclear();
    }
  }

  private IllegalArgumentException unclear() {
    return new IllegalArgumentException(
        "the dimension '" + text + "' is unclear at '" + text.substring(at) + "'");
  }
}
