package x3d.serve.client;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How often a request is tried again, and after which pauses: each twice as long as the one before.
 *
 * @param count at most so many times after the first; 0 or more
 * @param first pause
 * @param most the longest pause; a server that asks for a longer one is not asked again
 */
public record Retries(int count, Duration first, Duration most) {
  public static final Retries NONE = new Retries(0, Duration.ofMillis(1), Duration.ofMillis(1));

  /** Over about a minute, in which a server may be started anew. */
  public static final Retries USUAL =
      new Retries(7, Duration.ofMillis(500), Duration.ofSeconds(60));

  public Retries {
    if (count < 0 || first.isNegative() || first.isZero() || most.compareTo(first) < 0) {
      throw new IllegalArgumentException(
          "retries must be 0 or more, the first pause above 0 and the longest no shorter, not "
              + count + ", " + first.toMillis() + " ms and " + most.toMillis() + " ms");
    }
  }

  public Retries withCount(int other) {
    return new Retries(other, first, most);
  }

  /**
   * A pause, drawn so that clients which failed together do not come back together.
   *
   * @param retry the how-manieth, from 1 on
   * @param asked the least, as a server's {@code Retry-After} has it; 0 if it does not say
   */
  Duration pause(int retry, Duration asked, RandomGenerator random) {
    double full = Math.min(most.toNanos(), first.toNanos() * Math.pow(2, Math.min(retry - 1, 62)));
    double least = asked.isZero() ? full / 2 : asked.toNanos();
    return Duration.ofNanos((long) (least + random.nextDouble() * full / 2));
  }
}
