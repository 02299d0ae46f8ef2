package x3d.tensorboard;

import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.InstantSource;
import java.util.Map;

/**
 * One {@code events.out.tfevents.*} file, new in its folder. TensorBoard takes all such files of a folder for one run, in the
 * order of their names, so that a run that goes on writes another one.
 *
 * <p>A record reaches the system in one piece as soon as it is made: what a process that dies leaves behind can be read.
 */
public final class EventFile implements Closeable {
  private final FileChannel channel;
  private final InstantSource clock;

  private EventFile(FileChannel channel, InstantSource clock) {
    this.channel = channel;
    this.clock = clock;
  }

  /**
   * Begins a file.
   *
   * @param folder made where it is missing
   * @param step the first that is to come: TensorBoard forgets what earlier files of the folder say of it and of later ones
   * @param clock of the events
   */
  public static EventFile create(Path folder, long step, InstantSource clock) throws IOException {
    Files.createDirectories(folder);
    EventFile file = new EventFile(open(folder, clock), clock);
    try {
      file.append(Event.version(file.seconds()));
      file.append(Event.start(file.seconds(), step));
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return file;
  }

  /** The names of TensorFlow's writer: second, host, process, and a number where these are not enough. */
  private static FileChannel open(Path folder, InstantSource clock) throws IOException {
    long pid = ProcessHandle.current().pid();
    for (int number = 0; ; number++) {
      String name = String.format(
          "events.out.tfevents.%010d.%s.%d.%d",
          clock.instant().getEpochSecond(), host(), pid, number);
      try {
        return FileChannel.open(
            folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
      } catch (FileAlreadyExistsException e) {
        continue;
      }
    }
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "localhost";
    }
  }

  /**
   * Writes values of a step.
   *
   * @param scalars by tag; kept as float32
   */
  public void scalars(long step, Map<String, Double> scalars) throws IOException {
    append(Event.scalars(seconds(), step, scalars));
  }

  private double seconds() {
    return clock.millis() / 1e3;
  }

  private void append(byte[] event) throws IOException {
    ByteBuffer record = TfRecord.of(event);
    while (record.hasRemaining()) {
      channel.write(record);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
