package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetTest {
  @TempDir
  Path folder;

  private DataSet read(String text, String separator, String prefix) throws IOException {
    Path csv = Files.writeString(folder.resolve("train.csv"), text);
    return DataSet.read(csv, separator, prefix, 400);
  }

  @Test
  void relativePathsStandAgainstTheFolderOfTheCsv() throws IOException {
    DataSet data = read("a/b.mp4 3\n/abs/c.mp4 0\n", " ", "");
    assertEquals(folder.resolve("a/b.mp4"), data.video(0));
    assertEquals(Path.of("/abs/c.mp4"), data.video(1));
    assertEquals(3, data.label(0));
  }

  @Test
  void prefixStandsBeforeRelativePathsOnly() throws IOException {
    DataSet data = read("b.mp4 3\n/abs/c.mp4 0\n", " ", "/videos");
    assertEquals(Path.of("/videos/b.mp4"), data.video(0));
    assertEquals(Path.of("/abs/c.mp4"), data.video(1));
  }

  @Test
  void separatorOtherThanASpaceLeavesSpacesToThePath() throws IOException {
    DataSet data = read("a video, the first.mp4,7\r\n\r\n", ",", "");
    assertEquals(folder.resolve("a video, the first.mp4"), data.video(0));
    assertEquals(7, data.label(0));
    assertEquals(1, data.size());
  }

  @Test
  void eachBadLineIsNamedByFileAndLine() {
    DataSetException e = assertThrows(
        DataSetException.class, () -> read("ok.mp4 1\nno-label\nb.mp4 x\nc.mp4 400\n", " ", ""));
    Path csv = folder.resolve("train.csv");
    assertEquals(
        csv
            + ":2: 'no-label' is not 'path label'; "
            + csv
            + ":3: label 'x' is not a whole number; "
            + csv
            + ":4: label 400 is outside 0 to 399 (MODEL.NUM_CLASSES is 400)",
        e.getMessage());
  }

  @Test
  void tooManyBadLinesAreCounted() {
    DataSetException e =
        assertThrows(DataSetException.class, () -> read("bad\n".repeat(5000), " ", ""));
    assertTrue(e.getMessage().endsWith("; and 4990 more bad lines"), e.getMessage());
  }

  @Test
  void anEmptyListAndAMissingOneAreRefused() {
    assertEquals(
        folder.resolve("train.csv") + ": holds no videos; a line is 'path label'",
        assertThrows(DataSetException.class, () -> read("\n", " ", "")).getMessage());
    Path none = folder.resolve("none.csv");
    assertEquals(
        none + ": no such file",
        assertThrows(DataSetException.class, () -> DataSet.read(none, " ", "", 2))
            .getMessage());
  }

  @Test
  void bytesThatAreNotTextAreNamedByLine() throws IOException {
    Path csv = Files.write(folder.resolve("train.csv"), new byte[] {'a', ' ', '1', '\n', -1, -2});
    assertTrue(assertThrows(DataSetException.class, () -> DataSet.read(csv, " ", "", 2))
        .getMessage()
        .endsWith(": is not UTF-8 text"));
  }

  @Test
  void fingerprintTellsListsApartThatDifferInOneLabel() throws IOException {
    String first = read("a 1\nb 2\n", " ", "").fingerprint();
    assertEquals(first, read("a 1\nb 2\n", " ", "").fingerprint());
    assertNotEquals(first, read("a 1\nb 3\n", " ", "").fingerprint());
  }

  @Test
  void classNamesAreOptionalAndMustBeAsManyAsTheClasses() throws IOException {
    assertEquals(Optional.empty(), DataSet.classNames(folder, 2));
    Files.writeString(folder.resolve("classes.txt"), "left\nturning right\n");
    assertEquals(Optional.of(List.of("left", "turning right")), DataSet.classNames(folder, 2));
    assertTrue(assertThrows(DataSetException.class, () -> DataSet.classNames(folder, 400))
        .getMessage()
        .endsWith("names 2 classes and MODEL.NUM_CLASSES is 400; set MODEL.NUM_CLASSES 2"));
  }

  @Test
  void kineticsFitsInTwoSecondsAndTwoHundredMegabytes() throws IOException {
    Path csv = folder.resolve("train.csv");
    try (BufferedWriter out = Files.newBufferedWriter(csv)) {
      for (int i = 0; i < 240_000; i++) {
        out.write("train/some_class_of_kinetics/" + i + "abcdefghi_000010_000020.mp4 " + i % 400);
        out.newLine();
      }
    }
    long before = usedMemory();
    long start = System.nanoTime();
    DataSet data = DataSet.read(csv, " ", "", 400);
    double seconds = (System.nanoTime() - start) / 1e9;
    double megabytes = (usedMemory() - before) / 1e6;
    assertEquals(240_000, data.size());
    assertEquals(239_999 % 400, data.label(239_999));
    assertTrue(seconds < 2, "took " + seconds + " s");
    assertTrue(megabytes < 200, "took " + megabytes + " MB");
  }

  private static long usedMemory() {
    System.gc();
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }
}
