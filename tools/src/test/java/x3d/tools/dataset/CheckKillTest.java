package x3d.tools.dataset;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import x3d.classify.SmallModel;
import x3d.cli.Program;
import x3d.tools.ToolsCommand;

/** Checks that end by a signal, each a process of its own. */
class CheckKillTest {
  private static final int VIDEOS = 24;

  @TempDir
  static Path folder;

  static Path list;
  static Path unbroken;

  @BeforeAll
  static void checkUnbroken() throws IOException {
    byte[] avi = Files.readAllBytes(SmallModel.video("test.avi", folder));
    for (int i = 0; i < VIDEOS; i++) {
      byte[] cut = Arrays.copyOf(avi, i % 3 == 0 ? avi.length - 7000 * (i + 1) : avi.length);
      Files.write(folder.resolve(i + ".avi"), cut);
    }
    list = Files.writeString(
        folder.resolve("train.csv"),
        IntStream.range(0, VIDEOS).mapToObj(i -> i + ".avi 0\n").collect(Collectors.joining()));
    unbroken = folder.resolve("unbroken");
    check(unbroken);
  }

  /** @return what it says on standard error */
  private static String check(Path out) {
    StringWriter err = new StringWriter();
    CommandLine line = Program.of(new ToolsCommand());
    line.setOut(new PrintWriter(new StringWriter()));
    line.setErr(new PrintWriter(err));
    String[] call = {"dataset", "check", list.toString(), "--out", out.toString(), "--threads", "1"
    };
    assertEquals(0, line.execute(call), err.toString());
    return err.toString();
  }

  private static void assertSameAsUnbroken(Path out) throws IOException {
    for (String name : new String[] {"check.json", "corrupted.csv"}) {
      assertArrayEquals(
          Files.readAllBytes(unbroken.resolve(name)), Files.readAllBytes(out.resolve(name)), name);
    }
  }

  @Test
  void killedInTheMiddleAndRunAgainItWritesTheSameBytes() throws Exception {
    Path out = folder.resolve("killed");
    Path journal = out.resolve("check.journal");
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            ToolsCommand.class.getName(),
            "dataset",
            "check",
            list.toString(),
            "--out",
            out.toString(),
            "--threads",
            "1")
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("killed.log").toFile())
        .start();
    while (process.isAlive() && (Files.notExists(journal) || Files.size(journal) < 500)) {
      Thread.sleep(2);
    }
    List<ProcessHandle> workers = process.descendants().toList();
    process.toHandle().destroyForcibly();
    assertEquals(137, process.waitFor(), Files.readString(folder.resolve("killed.log")));
    assertTrue(Files.notExists(out.resolve("check.json")));
    assertFalse(workers.isEmpty());
    for (ProcessHandle worker : workers) {
      worker.onExit().get(30, TimeUnit.SECONDS);
    }
    try (Stream<String> lines = Files.lines(journal)) {
      long checked = lines.count() - 1;
      assertTrue(checked > 0 && checked < VIDEOS, checked + " were checked");
    }
    assertTrue(check(out).contains(" of " + VIDEOS + " were checked before"));
    assertSameAsUnbroken(out);
  }

  @Test
  void whereverTheJournalBreaksOffTheFilesAreTheSame() throws IOException {
    Path out = folder.resolve("torn");
    check(out);
    Path journal = out.resolve("check.journal");
    byte[] whole = Files.readAllBytes(journal);
    for (int length : new int[] {5, whole.length / 2}) {
      Files.delete(out.resolve("check.json"));
      Files.write(journal, Arrays.copyOf(whole, length));
      check(out);
      assertSameAsUnbroken(out);
    }
    Files.writeString(journal, "\0\0\0", StandardOpenOption.APPEND);
    check(out);
    assertSameAsUnbroken(out);
  }

  @Test
  void aVideoThatItsProcessDoesNotSurviveIsAFindingAndTheNextIsChecked() throws Exception {
    ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
    try (CheckProcess process = new CheckProcess(new CheckLimits(false, 60), clock)) {
      Path sound = folder.resolve("1.avi");
      assertTrue(process.check(sound).sound());
      List<ProcessHandle> workers = ProcessHandle.current().children().toList();
      Future<CheckedVideo> answer = clock.submit(() -> {
        workers.forEach(ProcessHandle::destroyForcibly);
        workers.forEach(worker -> worker.onExit().join());
        return process.check(sound);
      });
      CheckedVideo lost = answer.get();
      assertEquals("crash", lost.fault().reason());
      assertEquals(
          "the process that decoded it ended with exit code 137", lost.fault().detail());
      assertTrue(process.check(sound).sound());
    } finally {
      clock.shutdownNow();
    }
  }

  @Test
  void aFileThatTakesForeverIsAFindingWhenItsTimeIsUp() throws IOException {
    Path endless = Files.createFile(folder.resolve("endless.y4m"));
    fill(endless);
    ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
    try (CheckProcess process = new CheckProcess(new CheckLimits(false, 1), clock)) {
      CheckedVideo found = process.check(endless);
      assertEquals(
          new CheckedVideo.Fault("time-limit", 0, null, "not decoded within 1 s"), found.fault());
      assertFalse(found.lasting(), "a later run, perhaps with another limit, tries again");
    } finally {
      clock.shutdownNow();
    }
  }

  /** Thousands of raw pictures of 192 MB each; the file takes no room, for most of it is a hole. */
  private static void fill(Path path) throws IOException {
    long size = 3L * 8000 * 8000;
    try (SeekableByteChannel file = Files.newByteChannel(path, StandardOpenOption.WRITE)) {
      String head = "YUV4MPEG2 W8000 H8000 F25:1 C444\n";
      file.write(ByteBuffer.wrap(head.getBytes()));
      for (int i = 0; i < 2000; i++) {
        file.position(head.length() + i * (6 + size));
        file.write(ByteBuffer.wrap("FRAME\n".getBytes()));
      }
      file.position(head.length() + 2000 * (6 + size) - 1);
      file.write(ByteBuffer.wrap(new byte[1]));
    }
  }

  @Test
  void twoChecksDoNotWriteOneJournal() throws IOException {
    Path journal = folder.resolve("held.journal");
    try (CheckJournal held = CheckJournal.open(journal, false)) {
      assertEquals(
          journal + ": another check writes it; wait for its end, or use another --out DIR",
          assertThrows(IllegalArgumentException.class, () -> CheckJournal.open(journal, false))
              .getMessage());
      held.append(new CheckedVideo("/a.mp4", 1, 2, null, null));
    }
    try (CheckJournal again = CheckJournal.open(journal, false)) {
      assertTrue(again.find(new FileState("/a.mp4", 1, 2)).isPresent());
      assertTrue(again.find(new FileState("/a.mp4", 1, 3)).isEmpty());
    }
    try (CheckJournal quick = CheckJournal.open(journal, true)) {
      assertTrue(quick.find(new FileState("/a.mp4", 1, 2)).isEmpty());
    }
  }
}
