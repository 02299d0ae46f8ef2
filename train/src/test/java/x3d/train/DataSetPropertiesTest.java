package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

/** What holds for any text given as a list, and any video put on one. */
class DataSetPropertiesTest {
  @Property(tries = 300)
  void anyTextIsAListOrRefusedInOneLine(
      @ForAll @StringLength(max = 60) String text, @ForAll("separators") String separator)
      throws IOException {
    try {
      DataSet list = read(text, separator);
      for (int i = 0; i < list.size(); i++) {
        assertEquals(list.path(i).strip(), list.path(i));
      }
    } catch (DataSetException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }

  @Property(tries = 500)
  void aLineIsReadBackAsWhatItWasMadeOfOrNotMade(
      @ForAll("paths") String path,
      @ForAll @IntRange(max = 699) int label,
      @ForAll("separators") String separator)
      throws IOException {
    Optional<String> line = line(path, label, separator);
    if (line.isPresent()) {
      DataSet list = read("first.mp4" + separator + "7\n" + line.get() + "\n", separator);
      assertEquals(2, list.size());
      assertEquals(path, list.path(1));
      assertEquals(label, list.label(1));
    }
  }

  @Property(tries = 300)
  void everyPathWithoutALineBreakAndSpacesAroundItCanStandInAList(
      @ForAll("paths") String path, @ForAll @IntRange(max = 699) int label) {
    boolean plain = !path.isEmpty()
        && path.equals(path.strip())
        && !path.contains("\n")
        && !path.contains("\r");
    assertEquals(plain, line(path, label, " ").isPresent(), path);
    assertEquals(plain, line(path, label, ",").isPresent(), path);
  }

  private static Optional<String> line(String path, int label, String separator) {
    try {
      return Optional.of(DataSet.line(path, label, separator));
    } catch (IllegalArgumentException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      return Optional.empty();
    }
  }

  private static DataSet read(String text, String separator) throws IOException {
    Path csv = Files.createTempFile("list", ".csv");
    try {
      return DataSet.read(Files.writeString(csv, text), separator, "");
    } finally {
      Files.delete(csv);
    }
  }

  @Provide
  Arbitrary<String> separators() {
    return Arbitraries.of(" ", ",", "\t", ";", " | ", "1", "a", "::");
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.strings()
        .withChars(" ,;:|\t\n\r1/a.äИ\u00a0\u2003\u3000")
        .ofMaxLength(12)
        .map(name -> name + (name.length() % 2 == 0 ? ".mp4" : ""));
  }
}
