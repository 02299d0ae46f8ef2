package x3d.tools.plan;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Turns of jobs that work one at a time, so that a machine whose speed drifts is as fast for one as for another. A turn is asked for
 * and answered by files, for processes that wait have to sleep: MPI's way to wait keeps a core busy.
 */
final class Turns {
  private static final String OVER = "over";

  private final Path folder;
  private final String job;
  private int turn;

  /** @param folder that the jobs of a test share */
  Turns(Path folder, String job) {
    this.folder = folder;
    this.job = job;
  }

  /** In each rank of the job: waits for a turn; whether there is one. */
  boolean next() throws IOException, InterruptedException {
    turn++;
    return !Files.readString(arrival(asked())).equals(OVER);
  }

  /** In one rank of the job: ends a turn. */
  void answer(String text) throws IOException {
    write(answered(), text);
  }

  /** In the test: gives a turn, and waits for its answer. */
  String give() throws IOException, InterruptedException {
    turn++;
    write(asked(), "go");
    return Files.readString(arrival(answered()));
  }

  /** In the test: there are no more turns. */
  void end() throws IOException {
    turn++;
    write(asked(), OVER);
  }

  private Path asked() {
    return folder.resolve(job + "." + turn + ".asked");
  }

  private Path answered() {
    return folder.resolve(job + "." + turn + ".answered");
  }

  private void write(Path file, String text) throws IOException {
    Path part = Files.writeString(folder.resolve(file.getFileName() + ".part"), text);
    Files.move(part, file, ATOMIC_MOVE);
  }

  private static Path arrival(Path file) throws InterruptedException {
    while (!Files.exists(file)) {
      Thread.sleep(2);
    }
    return file;
  }
}
