package x3d.train;

import java.util.SplittableRandom;

/**
 * Where randomness comes from: each purpose has a stream of its own, and each place in it (an epoch, a position, a step)
 * a generator of its own. So a number drawn is a function of the seed and of where it is used, never of what was drawn
 * before or on which thread, and a resumed run needs no saved state.
 */
enum RandomStream {
  /** The order of the videos; place: epoch. */
  ORDER,
  /** Which clip of a video, and how it is cropped; place: epoch, position in the epoch, attempt. */
  CLIP,
  /** The clips that precise BN looks at; place: epoch, position, attempt. */
  PRECISE,
  /** The clips of a validation that takes random ones; place: epoch, position, attempt. */
  VALIDATION,
  /** Dropout; place: step, position in the batch. */
  DROPOUT;

  private static final long GOLDEN = 0x9E3779B97F4A7C15L;

  /** The generator of one place. */
  SplittableRandom at(long seed, long... place) {
    long state = mix(seed + GOLDEN * (ordinal() + 1));
    for (long part : place) {
      state = mix(state + part + GOLDEN);
    }
    return new SplittableRandom(state);
  }

  /** SplitMix64's finalizer: every bit of the result hangs on every bit of the input. */
  private static long mix(long x) {
    long z = (x ^ (x >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }

  /** The numbers from 0 to below {@code size}, shuffled. */
  static int[] permutation(SplittableRandom random, int size) {
    int[] order = new int[size];
    for (int i = 0; i < size; i++) { // Fisher-Yates, from the inside out
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
