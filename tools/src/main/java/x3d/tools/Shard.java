package x3d.tools;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * Every {@code count}-th item of a list, from item {@code index} on, so that the shards of a list are equally long, or one
 * item shorter, and each has its part of a list that is ordered by class.
 *
 * @param index from 0 to below {@code count}, as SlowFast's {@code SHARD_ID}
 * @param count how many shards the list is cut into, 1 or more
 */
public record Shard(int index, int count) {
  /** The whole list. */
  public static final Shard ALL = new Shard(0, 1);

  /** Refuses what is no shard. */
  public Shard {
    if (count < 1 || index < 0 || index >= count) {
      throw new IllegalArgumentException(
          count < 1
              ? "there is 1 shard or more, not " + count
              : "shards of " + count + " are 0/" + count + " to " + (count - 1) + "/" + count
                  + ", not " + index + "/" + count);
    }
  }

  /** How many of {@code items} are in the shard; none where there are more shards than items. */
  public int size(int items) {
    return items <= index ? 0 : (items - index - 1) / count + 1;
  }

  /** Which item of the list is number {@code k} of the shard. */
  public int item(int k) {
    return index + k * count;
  }

  /** A shard of this shard, as a shard of the whole list. */
  public Shard part(int part, int parts) {
    return new Shard(index + count * part, count * parts);
  }

  /** {@code 1/4}. */
  @Override
  public String toString() {
    return index + "/" + count;
  }

  /** Reads {@code i/n}. */
  public static final class Converter implements ITypeConverter<Shard> {
    @Override
    public Shard convert(String text) {
      if (!text.matches("-?\\d{1,9}/-?\\d{1,9}")) {
        throw new TypeConversionException(
            "'" + text + "' is not i/n, such as 0/4 for the first of four shards");
      }
      String[] numbers = text.split("/");
      try {
        return new Shard(Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]));
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
