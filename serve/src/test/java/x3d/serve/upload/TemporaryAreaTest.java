package x3d.serve.upload;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;

final class TemporaryAreaTest {
  @TempDir
  Path folder;

  @Test
  void areasOfProcessesThatDiedAreDeletedAndThoseInUseAreNot() throws Exception {
    Path left = Files.createDirectory(folder.resolve("x3d-serve123"));
    Files.createFile(left.resolve(".lock"));
    Files.write(left.resolve("upload.video"), new byte[10]);
    Path other = Files.createDirectory(folder.resolve("x3d-serve-notes"));
    try (TemporaryArea inUse = TemporaryArea.open(folder, 100);
        TemporaryArea.TemporaryFile file = inUse.create();
        TemporaryArea second = TemporaryArea.open(folder, 100)) {
      assertTrue(Files.notExists(left));
      assertTrue(Files.exists(other));
      assertTrue(Files.exists(file.path()));
      assertEquals(0, second.used());
    }
  }

  /** A process that opens a second area, and so looks at all others, must not give up the first one's lock by that. */
  @Test
  void anotherProcessLeavesAloneWhatThisOneUses() throws Exception {
    try (TemporaryArea first = TemporaryArea.open(folder, 100);
        TemporaryArea.TemporaryFile file = first.create();
        TemporaryArea second = TemporaryArea.open(folder, 100)) {
      Process other = new ProcessBuilder(
              Path.of(System.getProperty("java.home"), "bin", "java").toString(),
              "-cp",
              System.getProperty("java.class.path"),
              AnotherProcess.class.getName(),
              folder.toString())
          .inheritIO()
          .start();
      assertEquals(0, other.waitFor());
      assertTrue(Files.exists(file.path()));
      assertEquals(0, second.used());
    }
  }

  static final class AnotherProcess {
    public static void main(String[] arguments) throws Exception {
      TemporaryArea.open(Path.of(arguments[0]), 100).close();
    }
  }

  @Test
  void moreThanTheAreaHoldsIsRefusedAndWhatWasDeletedMakesRoom() throws Exception {
    try (TemporaryArea area = TemporaryArea.open(folder, 100)) {
      try (TemporaryArea.TemporaryFile first = area.create();
          TemporaryArea.TemporaryFile second = area.create()) {
        first.write(new byte[60], 0, 60);
        Refusal full = assertThrows(Refusal.class, () -> second.write(new byte[60], 0, 60));
        assertEquals(Problem.NO_SPACE, full.problem());
      }
      assertEquals(0, area.used());
      try (TemporaryArea.TemporaryFile third = area.create()) {
        third.write(new byte[100], 0, 100);
        assertEquals(100, area.used());
      }
    }
  }
}
