package x3d.tools.plan;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Numbers with units, as the command line takes and the report shows them. */
final class Quantity {
  private static final Pattern NUMBER =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?)([A-Za-z]{0,2})");
  private static final String PREFIXES = "KMGT";

  private Quantity() {}

  /** Bytes a second: K, M, G and T are powers of 1000, as in the data sheets of links. */
  static final class Rate implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, 1000, "a rate in bytes a second, such as 12.5G");
    }
  }

  /** Bytes: K, M, G and T are powers of 1024, as of {@code --cache-size}. */
  static final class Size implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      return number(text, 1024, "a size in bytes, such as 64G");
    }
  }

  /** Seconds. */
  static final class Seconds implements ITypeConverter<Double> {
    @Override
    public Double convert(String text) {
      Matcher m = NUMBER.matcher(text);
      double unit = !m.matches()
          ? Double.NaN
          : switch (m.group(2)) {
            case "us" -> 1e-6;
            case "ms" -> 1e-3;
            case "s" -> 1;
            default -> Double.NaN;
          };
      if (Double.isNaN(unit)) {
        throw new TypeConversionException(
            "'" + text + "' is not a time with its unit, such as 10us");
      }
      return Double.parseDouble(m.group(1)) * unit;
    }
  }

  private static double number(String text, int step, String what) {
    Matcher m = NUMBER.matcher(text);
    String prefix = m.matches() ? m.group(2).toUpperCase(Locale.ROOT) : "?";
    int power = prefix.isEmpty() ? 0 : PREFIXES.indexOf(prefix) + 1;
    double value = m.matches() ? Double.parseDouble(m.group(1)) * Math.pow(step, power) : 0;
    if (prefix.length() > 1 || power == 0 && !prefix.isEmpty() || value <= 0) {
      throw new TypeConversionException("'" + text + "' is not " + what);
    }
    return value;
  }

  /** Such as {@code 14.5 MiB}. */
  static String bytes(double value) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  /** Such as {@code 12.3 ms} or {@code 4.5 h}. */
  static String time(double seconds) {
    if (seconds == 0) {
      return "0";
    }
    if (seconds < 1e-3) {
      return String.format(Locale.ROOT, "%.1f us", seconds * 1e6);
    }
    if (seconds < 1) {
      return String.format(Locale.ROOT, "%.1f ms", seconds * 1e3);
    }
    if (seconds < 120) {
      return String.format(Locale.ROOT, "%.2f s", seconds);
    }
    return seconds < 7200
        ? String.format(Locale.ROOT, "%.1f min", seconds / 60)
        : String.format(Locale.ROOT, "%.1f h", seconds / 3600);
  }
}
