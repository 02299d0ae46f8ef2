package x3d.tools.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.tools.Json;

/** Annotations and class names as Kinetics and SlowFast have them, and whatever else is given for them. */
class KineticsFilesTest {
  private static final String HEADING = "label,youtube_id,time_start,time_end,split";

  private interface Reader<T> {
    T read(Path file) throws IOException;
  }

  private static <T> T read(String text, Reader<T> reader) throws IOException {
    Path file = Files.createTempFile("kinetics", ".csv");
    try {
      return reader.read(Files.write(file, text.getBytes(StandardCharsets.UTF_8)));
    } finally {
      Files.delete(file);
    }
  }

  private static Annotations annotations(String text) throws IOException {
    return read(text, file -> Annotations.read(List.of(file)));
  }

  @Property(tries = 300)
  void anyTextIsAnnotationsOrRefusedInOneLineWithTheFilesName(
      @ForAll("nearlyCsv") String text, @ForAll boolean withHeading) throws IOException {
    try {
      annotations(withHeading ? HEADING + "\n" + text : text);
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().contains("kinetics"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }

  @Property(tries = 300)
  void aClipIsFoundByItsFilesNameWhateverItsClassIsCalled(
      @ForAll("labels") String label,
      @ForAll("ids") String id,
      @ForAll @IntRange(max = 999_999) int start,
      @ForAll boolean quoted)
      throws IOException {
    boolean quotes = quoted || label.matches("(?s).*[\",].*");
    String written = quotes ? '"' + label.replace("\"", "\"\"") + '"' : label;
    Annotations read =
        annotations(HEADING + "\n" + written + "," + id + "," + start + ",10,train\r\n");
    String stem = String.format(Locale.ROOT, "%s_%06d_000010", id, start);
    assertEquals(Optional.of(label), read.label(Split.TRAIN, stem));
    assertEquals(Optional.empty(), read.label(Split.VAL, stem));
  }

  @Property(tries = 300)
  void anyTextIsClassNamesOrRefusedInOneLineWithTheFilesName(
      @ForAll @StringLength(max = 40) String text, @ForAll boolean json) throws IOException {
    try {
      read(json ? "{" + text : text, ClassNames::read);
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().contains("kinetics"), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }

  @Property(tries = 100)
  void slowFastsClassNamesAreReadBackInTheOrderOfTheirLabels(
      @ForAll @IntRange(min = 1, max = 30) int count, @ForAll boolean quoted) throws IOException {
    List<String> names = IntStream.range(0, count)
        .mapToObj(i -> "class (no. " + (i * 7 % 31) + ")")
        .toList();
    String json = IntStream.range(0, count)
        .map(i -> count - 1 - i)
        .mapToObj(label ->
            Json.line(quoted ? '"' + names.get(label) + '"' : names.get(label)) + ": " + label)
        .collect(Collectors.joining(",\n", "{", "}"));
    ClassNames read = read(json, ClassNames::read);
    assertEquals(names, read.names());
    assertEquals(count - 1, read.label(names.get(count - 1)));
  }

  /** A row: what is given, and what is said of it. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{\"a\": 0, \"b\": 2} | the label of 'b' is 2; those of 2 classes are 0 to 1",
        "{\"a\": 0, \"b\": 0} | 'a' and 'b' both have label 0",
        "{\"a\": \"x\"} | the label of 'a' is \"x\"; those of 1 classes are 0 to 0",
        "{\"a\": 0, \"\\\"a\\\"\": 1} | names class 'a' twice",
        "{} | names no classes",
        "{\"a\": 0 | not JSON, or not all of it"
      })
  void wrongClassNamesAreRefused(String json, String message) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> read(json, ClassNames::read));
    assertTrue(e.getMessage().endsWith(".csv: " + message), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "label,youtube_id,time_start,time_end;a,b,0,1 | .csv: has no column 'split'; "
            + "Kinetics' annotations begin with label,youtube_id,time_start,time_end,split",
        "H;a,b,0,1 | .csv:2: 4 values, and the heading has another number",
        "H;a,b,0,x,train | .csv:2: time_end is 'x'; it must be whole seconds, 0 or more",
        "H;a,b,-1,1,train | .csv:2: time_start is '-1'; it must be whole seconds, 0 or more",
        "H;,b,0,1,train | .csv:2: label or youtube_id is empty"
      })
  void wrongAnnotationsAreRefusedByLine(String text, String message) {
    IllegalArgumentException e = assertThrows(
        IllegalArgumentException.class,
        () -> annotations(text.replace("H;", HEADING + ";").replace(";", "\n") + "\n"));
    assertTrue(e.getMessage().endsWith(message), e.getMessage());
  }

  @Test
  void aClipOfTwoClassesIsRefusedWithBothLines() {
    String message = assertThrows(
            IllegalArgumentException.class,
            () -> annotations(HEADING + "\na,b,0,1,train\nc,b,0,1,train\n"))
        .getMessage();
    assertTrue(
        message.matches(
            ".*\\.csv:3: b_000000_000001 is of class 'c', and .*\\.csv:2 has it as 'a'"),
        message);
  }

  @Provide
  Arbitrary<String> nearlyCsv() {
    return Arbitraries.oneOf(
        Arbitraries.strings().withChars("ab,\"\n\r 019-").ofMaxLength(60),
        Arbitraries.strings().ofMaxLength(40));
  }

  @Provide
  Arbitrary<String> labels() {
    return Arbitraries.strings()
        .withChars("ab \",'()äИ")
        .ofMinLength(1)
        .ofMaxLength(20)
        .map(String::strip)
        .filter(name -> !name.isEmpty());
  }

  @Provide
  Arbitrary<String> ids() {
    return Arbitraries.strings().withChars("abzAZ019-_").ofLength(11);
  }
}
