package x3d.tools.remote;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.classify.Ranked;
import x3d.serve.client.Answer;

final class AnswerFileTest {
  private static final Asked ASKED = new Asked("small", 3, 1, 2);

  @TempDir
  private Path folder;

  private static Outcome answered(String video) {
    List<Ranked> top =
        List.of(new Ranked(2, "a \"cat\", asleep", 0.1234567f), new Ranked(0, "ant", 1e-7f));
    return Outcome.answered(Path.of(video), new Answer(32, 29.97, 3, 1, top, 5, 7, "small", 1));
  }

  private static final List<Outcome> OUTCOMES = List.of(
      answered("a/плавание, \"1\".mp4"),
      Outcome.failed(Path.of("b b.mp4"), "it \"ends\", early", true),
      answered("two\nlines.mp4"),
      answered("c.mp4"));

  private static void add(Path path, List<Outcome> outcomes) throws IOException {
    try (AnswerFile file = AnswerFile.open(path, ASKED)) {
      outcomes.forEach(file::add);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"all.jsonl", "all.csv"})
  void whereverTheFileBreaksOffItIsMendedToTheSame(String name) throws IOException {
    Path path = folder.resolve(name);
    add(path, OUTCOMES);
    byte[] whole = Files.readAllBytes(path);
    int most = 0;
    for (int length = 0; length <= whole.length; length += length < 40 ? 1 : 5) {
      Files.write(path, Arrays.copyOf(whole, length));
      try (AnswerFile file = AnswerFile.open(path, ASKED)) {
        List<Outcome> open = OUTCOMES.stream()
            .filter(outcome -> file.find(outcome.video()).isEmpty())
            .toList();
        assertTrue(open.size() >= OUTCOMES.size() - most - 1, "at " + length);
        most = OUTCOMES.size() - open.size();
        open.forEach(file::add);
      }
      assertArrayEquals(whole, Files.readAllBytes(path), "cut at " + length);
    }
    assertTrue(most >= OUTCOMES.size() - 1, most + " were kept");
  }

  @ParameterizedTest
  @ValueSource(strings = {"all.jsonl", "all.csv"})
  void reasonsOfEarlierFailuresAreKept(String name) throws IOException {
    Path path = folder.resolve(name);
    add(path, OUTCOMES);
    try (AnswerFile file = AnswerFile.open(path, ASKED)) {
      assertEquals(
          "b b.mp4: it \"ends\", early",
          file.find(Path.of("b b.mp4")).orElseThrow().error());
    }
  }

  @Test
  void aRowOfATableHasAColumnForAll() throws IOException {
    Path path = folder.resolve("all.csv");
    add(path, List.of(answered("c.mp4"), Outcome.failed(Path.of("d.mp4"), "gone", true)));
    assertEquals("""
        video,error,frames,fps,views,crops,decodeMs,inferenceMs,model,modelVersion,label1,name1,probability1,label2,name2,probability2
        c.mp4,,32,29.97,3,1,5,7,small,1,2,"a ""cat"", asleep",0.1234567,0,ant,1.0E-7
        d.mp4,d.mp4: gone,,,,,,,,,,,,,,
        """, Files.readString(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"all.jsonl", "all.csv"})
  void answersOfAnotherQuestionAreNotMixedIn(String name) throws IOException {
    Path path = folder.resolve(name);
    add(path, OUTCOMES);
    byte[] before = Files.readAllBytes(path);
    for (Asked other : List.of(
        new Asked("large", 3, 1, 2), new Asked("small", 4, 1, 2), new Asked("small", 3, 1, 5))) {
      assertTrue(assertThrows(IllegalArgumentException.class, () -> AnswerFile.open(path, other))
          .getMessage()
          .endsWith("; use another --out FILE"));
    }
    assertArrayEquals(before, Files.readAllBytes(path));
  }

  @ParameterizedTest
  @ValueSource(strings = {"hello", "hello\n", "video,class\na.mp4,1\n", "{\"video\": 3}\n"})
  void aFileOfSomethingElseIsNotTouched(String text) throws IOException {
    for (String name : List.of("all.jsonl", "all.csv")) {
      Path path = Files.writeString(folder.resolve(name), text);
      assertThrows(IllegalArgumentException.class, () -> AnswerFile.open(path, ASKED));
      assertArrayEquals(text.getBytes(UTF_8), Files.readAllBytes(path));
    }
  }

  @Test
  void twoRunsDoNotWriteOneFile() throws IOException {
    Path path = folder.resolve("held.jsonl");
    try (AnswerFile held = AnswerFile.open(path, ASKED)) {
      assertEquals(
          path + ": another run writes it; wait for its end, or use another --out FILE",
          assertThrows(IllegalArgumentException.class, () -> AnswerFile.open(path, ASKED))
              .getMessage());
      held.add(answered("c.mp4"));
    }
  }
}
