package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.train.DataSet;

/** {@code dataset build}: folders in, lists and findings out. */
final class DatasetBuildTest {
  @TempDir
  Path folder;

  private Path root() {
    return folder.resolve("root");
  }

  private void put(String... names) throws IOException {
    for (String name : names) {
      DatasetTree.put(root(), name, name.getBytes());
    }
  }

  private Cli build(Object... options) {
    List<Object> arguments = new ArrayList<>(List.of("dataset", "build", root()));
    arguments.addAll(List.of(options));
    return Cli.run(arguments.toArray());
  }

  private String text(String name) throws IOException {
    return Files.readString(root().resolve(name));
  }

  private JsonNode report() throws IOException {
    return Json.read(root().resolve("dataset.json"));
  }

  private static void assertRefused(Cli cli, String message) {
    assertEquals(1, cli.exit());
    assertEquals("x3d-tools dataset build: " + message + "\n", cli.err());
  }

  @Test
  void aPlantedTreeGivesItsListsAndExactlyWhatWasPlanted() throws IOException {
    DatasetTree.plant(root());
    Cli cli = build().succeeded();
    assertEquals("empty\nmüde\nsnow ball\n", text("classes.txt"));
    assertEquals("""
        train/müde/again.AVI 1
        train/müde/наше видео 1.avi 1
        train/snow ball/a, b 7.mp4 2
        train/snow ball/cut.avi 2
        train/snow ball/cut.mp4 2
        train/snow ball/nothing.mp4 2
        train/snow ball/sound.mp4 2
        train/snow ball/words.mp4 2
        """, text("train.csv"));
    assertEquals(
        "val/müde/leak.mp4 1\nval/snow ball/clip.MOV 2\nval/snow ball/damaged.mp4 2\n",
        text("val.csv"));
    assertEquals(text("val.csv"), text("test.csv"));
    assertTrue(cli.out().contains("test.csv  3 videos, those of val.csv"), cli.out());

    JsonNode report = report();
    assertTrue(report.path("testIsVal").asBoolean());
    assertEquals("[\"empty\"]", report.path("emptyClasses").toString());
    assertEquals("[]", report.path("notInTrain").toString());
    assertEquals(
        "[{\"path\":\"train/snow ball/notes.txt\",\"reason\":\"no video by its extension\"}]",
        report.path("notVideos").toString());
    assertEquals(2, report.path("duplicates").size());
    JsonNode within = report.path("duplicates").get(0);
    assertFalse(within.path("leak").asBoolean());
    assertEquals(
        List.of("train/müde/again.AVI", "train/müde/наше видео 1.avi"),
        within.path("videos").findValuesAsText("video"));
    JsonNode leak = report.path("duplicates").get(1);
    assertTrue(leak.path("leak").asBoolean());
    assertEquals(
        List.of("train/snow ball/a, b 7.mp4", "val/müde/leak.mp4"),
        leak.path("videos").findValuesAsText("video"));
    assertEquals(
        Sha256.of(root().resolve("val/müde/leak.mp4")), leak.path("sha256").asText());
    assertTrue(cli.out().contains("  train/snow ball/a, b 7.mp4 = val/müde/leak.mp4\n"), cli.out());
  }

  @Test
  void everyLineIsReadBackAsTheFileThatItNames() throws IOException {
    DatasetTree.plant(root());
    for (String separator : new String[] {" ", ",", "\t", " | "}) {
      build("--separator", separator).succeeded();
      DataSet train = DataSet.read(root().resolve("train.csv"), separator, "", 3);
      assertEquals(8, train.size());
      IntStream.range(0, 8)
          .forEach(i -> assertTrue(Files.isRegularFile(train.video(i)), train.path(i)));
    }
  }

  @Test
  void theOrderOfCreationAndTheLocaleChangeNothing() throws IOException {
    List<String> names = new ArrayList<>(List.of(
        "train/İ/b.AVI",
        "train/İ/B.AVI",
        "train/Z/ä.mp4",
        "train/z/I.AVI",
        "train/ﬁ/1.mp4",
        "train/𝔸/1.mp4",
        "val/z/a.mp4"));
    put(names.toArray(String[]::new));
    build().succeeded();
    String lists = text("train.csv") + text("val.csv") + text("classes.txt");
    // by code point: Z < z < İ < ﬁ < 𝔸, of which UTF-16 would have the last two the other way
    // round
    assertEquals("Z\nz\nİ\nﬁ\n𝔸\n", text("classes.txt"));

    Path other = folder.resolve("other");
    Collections.shuffle(names, new Random(3));
    for (String name : names) {
      DatasetTree.put(other, name, name.getBytes());
    }
    Locale before = Locale.getDefault();
    Locale.setDefault(new Locale.Builder().setLanguage("tr").build());
    try {
      Cli.run("dataset", "build", other).succeeded();
    } finally {
      Locale.setDefault(before);
    }
    assertEquals(
        lists,
        Files.readString(other.resolve("train.csv"))
            + Files.readString(other.resolve("val.csv"))
            + Files.readString(other.resolve("classes.txt")));
  }

  @Test
  void aTestFolderHasAListOfItsOwnAndClassesThatTrainLacksAreNamed() throws IOException {
    put("train/a/1.mp4", "val/a/2.mp4", "val/b/3.mp4", "test/c/4.mp4", "train/d/4.doc");
    build().succeeded();
    assertEquals("test/c/4.mp4 2\n", text("test.csv"));
    assertFalse(report().path("testIsVal").asBoolean());
    assertEquals("[\"b\",\"c\"]", report().path("notInTrain").toString());
    assertEquals("[\"d\"]", report().path("emptyClasses").toString());
    assertEquals(
        "{\"label\":1,\"name\":\"b\",\"train\":0,\"val\":1,\"test\":0}",
        report().path("classes").get(1).toString());
  }

  @Test
  void listsElsewhereHaveAbsolutePaths() throws IOException {
    put("train/a/1.mp4", "val/a/2.mp4");
    Path out = folder.resolve("lists");
    build("--out", out).succeeded();
    assertEquals(
        root().resolve("train/a/1.mp4") + " 0\n", Files.readString(out.resolve("train.csv")));
    assertTrue(Files.notExists(root().resolve("train.csv")));
    build("--absolute").succeeded();
    assertEquals(root().resolve("val/a/2.mp4") + " 0\n", text("val.csv"));
  }

  @Test
  void kineticsAnnotationsSayWhatIsListedWithOrWithoutClassFolders() throws IOException {
    put(
        "train/riding a bike/-a_b1234567_000003_000013.mp4",
        "train/zz__5678901_000100_000110.mkv",
        "train/riding a bike/stranger.mp4",
        "train/valclip1234_000000_000010.mp4",
        "val/valclip1234_000000_000010.mp4",
        "val/again/valclip1234_000000_000010.webm");
    Path csv = Files.writeString(folder.resolve("kinetics.csv"), """
        label,youtube_id,time_start,time_end,split,is_cc
        riding a bike,-a_b1234567,3,13,train,0
        "massaging person's ""head""\",zz__5678901,100,110,train,0
        riding a bike,gone1234567,7,17,train,1
        swing dancing,valclip1234,0,10,validate,0
        swing dancing,held_back12,0,10,holdout,0
        """);
    build("--annotations", csv).succeeded();
    assertEquals(
        "massaging person's \"head\"\nriding a bike\nswing dancing\n", text("classes.txt"));
    assertEquals(
        "train/zz__5678901_000100_000110.mkv 0\n"
            + "train/riding a bike/-a_b1234567_000003_000013.mp4 1\n",
        inLabelOrder(text("train.csv")));
    assertEquals("val/again/valclip1234_000000_000010.webm 2\n", text("val.csv"));
    JsonNode report = report();
    assertEquals(
        "[{\"split\":\"train\",\"className\":\"riding a bike\","
            + "\"video\":\"train/riding a bike/gone1234567_000007_000017.mp4\"}]",
        report.path("missing").toString());
    assertEquals(
        List.of(
            "annotated as of val",
            "not annotated",
            "the same clip as val/again/valclip1234_000000_000010.webm"),
        report.path("notAnnotated").findValuesAsText("reason").stream().sorted().toList());
    assertEquals("[\"swing dancing\"]", report.path("notInTrain").toString());
  }

  private static String inLabelOrder(String lines) {
    return lines
        .lines()
        .sorted(Comparator.comparing(line -> line.charAt(line.length() - 1)))
        .map(line -> line + "\n")
        .collect(Collectors.joining());
  }

  @Test
  void labelsAreThoseOfAnExistingFileOfClassNames() throws IOException {
    put("train/b c/1.mp4", "train/a/1.mp4", "val/a/2.mp4");
    Path names = Files.writeString(
        folder.resolve("kinetics_classnames.json"), "{\"\\\"b c\\\"\": 0, \"zebra\": 1, \"a\": 2}");
    build("--classnames", names).succeeded();
    assertEquals("b c\nzebra\na\n", text("classes.txt"));
    assertEquals("train/a/1.mp4 2\ntrain/b c/1.mp4 0\n", text("train.csv"));
    assertEquals("[\"zebra\"]", report().path("emptyClasses").toString());

    Path lines = Files.copy(root().resolve("classes.txt"), folder.resolve("model-classes.txt"));
    String before = text("train.csv");
    build("--classnames", lines).succeeded();
    assertEquals(before, text("train.csv"));
  }

  @Test
  void aClassThatTheModelDoesNotKnowIsRefused() throws IOException {
    put("train/b/1.mp4", "train/a/1.mp4", "val/a/2.mp4");
    Path names = Files.writeString(folder.resolve("names.json"), "{\"a\": 0}");
    assertRefused(
        build("--classnames", names), root() + ": 1 classes have no label in --classnames: b");
    assertTrue(Files.notExists(root().resolve("train.csv")));
  }

  @Test
  void whatAListCannotHoldIsRefusedByName() throws IOException {
    put("train/a/1.mp4", "val/a/2\n.mp4");
    assertRefused(
        build(),
        "'val/a/2\\n.mp4' cannot stand in a list with ' ' between path and label: it would be read"
            + " back as something else");
    assertRefused(
        build("--separator", "0"),
        "'train/a/1.mp4' cannot stand in a list with '0' between path and label: it would be read"
            + " back as something else");
    put("train/a /1.mp4");
    assertRefused(
        build(),
        "class 'a ': classes.txt has a name a line, without spaces around it; rename the class");
  }

  @Test
  void withoutFoldersOrVideosThereIsNothingToList() throws IOException {
    put("train/a/1.mp4");
    assertRefused(
        build(),
        root() + ": holds no folder val; a data set has train/<class>/<video>, val/<class>/<video>"
            + " and perhaps test");
    put("val/a/1.txt");
    assertRefused(build(), root().resolve("val") + ": holds no video that could be listed");
  }

  @Test
  void annotationsAreNotWrittenOver() throws IOException {
    put("train/a/i_000000_000001.mp4", "val/a/j_000000_000001.mp4");
    Path csv = Files.writeString(
        root().resolve("train.csv"),
        "label,youtube_id,time_start,time_end,split\na,i,0,1,train\na,j,0,1,val\n");
    assertRefused(
        build("--annotations", csv),
        csv + " is read, and would be written over; write the lists elsewhere with --out DIR");
  }

  @Test
  void withoutASubcommandItIsAWrongCall() {
    Cli none = Cli.run("dataset");
    assertEquals(2, none.exit());
    assertTrue(none.err().startsWith("x3d-tools dataset: which? build, check, clean"), none.err());
    assertEquals(2, build("--threads", 0).exit());
  }
}
