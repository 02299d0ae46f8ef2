package x3d.collective;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.CRC32;

/** Calls every operation on values of all magnitudes, so that another order of summation shows in the bits. */
final class Exercise {
  private Exercise() {}

  static FloatBuffer direct(int length) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(length, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  /** What a rank has before a job's sum. */
  static FloatBuffer values(int rank, int length, long seed) {
    SplittableRandom random = new SplittableRandom(seed * 1000 + rank);
    FloatBuffer vector = direct(length);
    for (int i = 0; i < length; i++) {
      int exponent = random.nextInt(115, 140);
      vector.put(i, Float.intBitsToFloat(random.nextInt() & 0x807fffff | exponent << 23));
    }
    return vector;
  }

  /** The vector cut into slices of very unequal lengths, some of them empty. */
  static Partition uneven(int length, int ranks) {
    int[] bounds = new int[ranks + 1];
    for (int i = 1; i <= ranks; i++) {
      bounds[i] = i == ranks ? length : (int) ((long) length * (i / 2) / ranks);
    }
    return new Partition(bounds);
  }

  /**
   * The bits of all results on one rank.
   *
   * @param lengths of the vectors that are exchanged
   */
  static String digests(Collective ranks, List<Integer> lengths) {
    StringBuilder digests = new StringBuilder();
    for (int length : lengths) {
      for (Partition partition : List.of(
          Partition.even(length, 1, ranks.size()),
          Partition.even(length, 8, ranks.size()),
          uneven(length, ranks.size()))) {
        FloatBuffer own = direct(partition.length(ranks.rank()));
        ranks.reduceScatter(values(ranks.rank(), length, length), partition, own);
        digests.append(' ').append(digest(own));
        FloatBuffer whole = direct(length);
        whole.put(partition.from(ranks.rank()), own, 0, own.limit());
        ranks.allGather(whole, partition);
        digests.append(' ').append(digest(whole));
      }
      FloatBuffer vector = values(ranks.rank(), length, 7);
      ranks.broadcast(vector);
      digests.append(' ').append(digest(vector));
      double[] sum = {1e16 * (ranks.rank() % 2), 1.1 + ranks.rank(), -0.0};
      ranks.sum(sum);
      digests.append(' ').append(Arrays.hashCode(sum));
    }
    byte[] told =
        ranks.broadcast(ranks.rank() == 0 ? "of rank 0".getBytes(StandardCharsets.UTF_8) : null);
    digests.append(' ').append(new String(told, StandardCharsets.UTF_8));
    for (byte[] one : ranks.allGather("x".repeat(ranks.rank()).getBytes(StandardCharsets.UTF_8))) {
      digests.append(' ').append(one.length);
    }
    ranks.sum(new double[0]);
    return digests.append(' ').append(ranks.broadcast(new byte[0]).length).toString();
  }

  private static String digest(FloatBuffer buffer) {
    ByteBuffer bytes = ByteBuffer.allocate(buffer.limit() * Float.BYTES);
    bytes.asFloatBuffer().put(0, buffer, 0, buffer.limit());
    CRC32 crc = new CRC32();
    crc.update(bytes);
    return Long.toHexString(crc.getValue());
  }
}
