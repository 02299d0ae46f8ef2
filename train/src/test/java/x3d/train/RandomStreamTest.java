package x3d.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RandomStreamTest {
  @Test
  void isAFunctionOfSeedAndPlace() {
    assertEquals(
        RandomStream.CLIP.at(7, 3, 12, 0).nextLong(),
        RandomStream.CLIP.at(7, 3, 12, 0).nextLong());
  }

  @Test
  void differsByPurposeSeedAndEachPartOfThePlace() {
    Set<Long> first = new HashSet<>();
    int drawn = 0;
    for (RandomStream stream : RandomStream.values()) {
      for (long seed = 0; seed < 3; seed++) {
        for (long epoch = 0; epoch < 5; epoch++) {
          for (long position = 0; position < 50; position++) {
            first.add(stream.at(seed, epoch, position).nextLong());
            drawn++;
          }
        }
      }
    }
    assertEquals(drawn, first.size());
  }

  @Test
  void partsOfThePlaceAreNotInterchangeable() {
    assertNotEquals(
        RandomStream.CLIP.at(1, 2, 3).nextLong(), RandomStream.CLIP.at(1, 3, 2).nextLong());
  }

  @Test
  void permutationHoldsEachNumberOnceAndMovesMostOfThem() {
    int[] order = RandomStream.permutation(RandomStream.ORDER.at(1, 0), 1000);
    int[] sorted = order.clone();
    Arrays.sort(sorted);
    int[] numbers = new int[1000];
    Arrays.setAll(numbers, i -> i);
    assertArrayEquals(numbers, sorted);
    assertFalse(Arrays.equals(numbers, order));
  }

  @Test
  void everyPlaceOfAPermutationIsAsLikely() {
    int[] firsts = new int[4];
    for (int seed = 0; seed < 4000; seed++) {
      firsts[RandomStream.permutation(RandomStream.ORDER.at(seed, 0), 4)[0]]++;
    }
    for (int count : firsts) {
      assertEquals(1000, count, 120); // over four standard deviations
    }
  }
}
