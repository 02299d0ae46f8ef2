package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine.TypeConversionException;

final class ShardTest {
  private static List<Integer> items(Shard shard, int items) {
    return IntStream.range(0, shard.size(items)).map(shard::item).boxed().toList();
  }

  @ParameterizedTest
  @CsvSource({"0,3,10,4", "1,3,10,3", "2,3,10,3", "2,3,2,0", "0,1,7,7", "1,2,0,0"})
  void shardsAreEquallyLongOrOneItemShorter(int index, int count, int items, int size) {
    assertEquals(size, new Shard(index, count).size(items));
  }

  @Test
  void shardHasEveryNthItem() {
    assertEquals(List.of(1, 4, 7), items(new Shard(1, 3), 10));
  }

  @Test
  void partsOfAShardHoldItsItemsBetweenThem() {
    Shard shard = new Shard(1, 3);
    List<Integer> all = Stream.of(shard.part(0, 2), shard.part(1, 2))
        .flatMap(part -> items(part, 20).stream())
        .sorted()
        .toList();
    assertEquals(items(shard, 20), all);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "3/3|shards of 3 are 0/3 to 2/3, not 3/3",
        "-1/3|shards of 3 are 0/3 to 2/3, not -1/3",
        "0/0|there is 1 shard or more, not 0",
        "2|'2' is not i/n, such as 0/4 for the first of four shards",
        "a/b|'a/b' is not i/n, such as 0/4 for the first of four shards",
      })
  void whatIsNoShardIsRefused(String text, String words) {
    Exception refusal =
        assertThrows(TypeConversionException.class, () -> new Shard.Converter().convert(text));
    assertEquals(words, refusal.getMessage());
  }
}
