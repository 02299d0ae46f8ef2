package x3d.tools.run;

import java.time.Duration;
import java.util.Locale;

/** Quantities as people read them. */
final class Words {
  private Words() {}

  /** Bytes by powers of 1000. */
  static String bytes(double bytes) {
    return bytes >= 1e9
        ? String.format(Locale.ROOT, "%.2f GB", bytes / 1e9)
        : String.format(Locale.ROOT, "%.0f MB", bytes / 1e6);
  }

  /** Days, hours, minutes and seconds. */
  static String time(double seconds) {
    Duration time = Duration.ofMillis(Math.round(1e3 * seconds));
    if (time.toHours() == 0) {
      return time.toMinutes() == 0
          ? String.format(Locale.ROOT, "%.1f s", seconds)
          : time.toMinutes() + " min " + time.toSecondsPart() + " s";
    }
    String hours = time.toHoursPart() + " h " + time.toMinutesPart() + " min";
    return time.toDays() == 0 ? hours : time.toDays() + " d " + hours;
  }

  /** A percentage. */
  static String percent(double value) {
    return String.format(Locale.ROOT, "%.2f %%", value);
  }

  /** Four significant digits or so. */
  static String number(double value) {
    double size = Math.abs(value);
    return size != 0 && (size < 1e-3 || size >= 1e6)
        ? String.format(Locale.ROOT, "%.2e", value)
        : String.format(Locale.ROOT, size < 10 ? "%.4f" : size < 1000 ? "%.2f" : "%.0f", value);
  }
}
