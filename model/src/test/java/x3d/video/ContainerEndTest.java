package x3d.video;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerEndTest {
  /** A row: the file's first bytes, how long the file is, how many bytes it lacks. */
  @ParameterizedTest
  @CsvSource({
    // mp4: ftyp of 16 bytes, mdat of 256; with a 64-bit size; to the end of the file
    "00000010 66747970 00000000 00000000 00000100 6d646174, 272, 0",
    "00000010 66747970 00000000 00000000 00000100 6d646174, 200, 72",
    "00000010 66747970 00000000 00000000 00000001 6d646174 0000000100000000, 300, 4294967012",
    "00000010 66747970 00000000 00000000 00000000 6d646174, 300, 0",
    // AVI of 0x100 bytes behind the first 8; 0 and all ones are what a stream says
    "52494646 00010000 41564920, 264, 0",
    "52494646 00010000 41564920, 254, 10",
    "52494646 00000000 41564920, 254, 0",
    "52494646 ffffffff 41564920, 254, 0",
    // Matroska: a header of 3 bytes, a segment of 0x100 with a size of 8 bytes; of unknown size
    "1a45dfa3 83 000000 18538067 01 00000000000100, 276, 0",
    "1a45dfa3 83 000000 18538067 01 00000000000100, 270, 6",
    "1a45dfa3 83 000000 18538067 01 ffffffffffffff, 270, 0",
    // a text, and less than any container begins with
    "4e6f2076 6964656f 2c206275 7420776f, 16, 0",
    "00000010, 4, 0"
  })
  void theBytesThatAreMissingAreCounted(String start, int length, long missing) throws IOException {
    byte[] bytes = HexFormat.of().parseHex(start.replace(" ", ""));
    assertEquals(missing, missing(Arrays.copyOf(bytes, length)));
  }

  @Property(tries = 200)
  void whateverFollowsTheFirstWordItIsAnAnswer(@ForAll @Size(max = 60) byte[] rest)
      throws IOException {
    for (String word : new String[] {"0000001066747970", "5249464600000000", "1a45dfa3"}) {
      byte[] first = HexFormat.of().parseHex(word);
      byte[] bytes = Arrays.copyOf(first, first.length + rest.length);
      System.arraycopy(rest, 0, bytes, first.length, rest.length);
      assertTrue(missing(bytes) >= 0);
    }
  }

  private static long missing(byte[] bytes) throws IOException {
    Path path = Files.createTempFile("container", "end");
    try {
      return ContainerEnd.missing(Files.write(path, bytes));
    } finally {
      Files.delete(path);
    }
  }
}
