package x3d.serve.upload;

import java.io.IOException;
import java.nio.file.Path;

/** A file that a request brought; deleted on {@link #close}. */
public final class ReceivedVideo implements AutoCloseable {
  private static final int LONGEST_NAME = 200;

  private final String name;
  private final TemporaryArea.TemporaryFile file;

  ReceivedVideo(String name, TemporaryArea.TemporaryFile file) {
    this.name = shown(name);
    this.file = file;
  }

  /** The client's name for it, without folders: only to be told back. */
  public String name() {
    return name;
  }

  public Path path() {
    return file.path();
  }

  long size() {
    return file.size();
  }

  private static String shown(String name) {
    String last = name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1)
        .replaceAll("\\p{Cntrl}", "");
    return last.length() > LONGEST_NAME ? last.substring(0, LONGEST_NAME) : last;
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
