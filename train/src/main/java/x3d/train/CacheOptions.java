package x3d.train;

import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Where commands that read clips keep decoded videos. */
public final class CacheOptions {
  private static final Pattern SIZE = Pattern.compile("(\\d{1,6})([KMGT])|(\\d{1,18})");

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  @Option(
      names = "--cache",
      paramLabel = "DIR",
      description =
          "Keep decoded videos here, so that each is decoded once and not once an epoch; the"
              + " clips are the same. Safe to delete, and to share between runs.")
  private Path cache;

  @Option(
      names = "--cache-size",
      paramLabel = "SIZE",
      description =
          "What --cache may take: bytes, or with K, M, G or T; 100G by default. Once it is"
              + " full, the other videos are decoded each time.")
  private String cacheSize;

  /**
   * The cache, if one is wanted.
   *
   * @throws ParameterException if the size is none, or of no cache
   */
  public Optional<TrainOptions.Cache> cache() {
    if (cache == null && cacheSize != null) {
      throw new ParameterException(
          spec.commandLine(), "--cache-size " + cacheSize + ": of which --cache DIR?");
    }
    return Optional.ofNullable(cache)
        .map(folder ->
            new TrainOptions.Cache(folder, bytes(cacheSize == null ? "100G" : cacheSize)));
  }

  private long bytes(String text) {
    Matcher size = SIZE.matcher(text.toUpperCase(Locale.ROOT));
    if (!size.matches()) {
      throw new ParameterException(
          spec.commandLine(),
          "--cache-size is '" + text
              + "'; it must be a whole number of bytes, or one with K, M, G or T, such as 200G");
    }
    return size.group(3) != null
        ? Long.parseLong(size.group(3))
        : Long.parseLong(size.group(1)) << 10 * (1 + "KMGT".indexOf(size.group(2)));
  }
}
