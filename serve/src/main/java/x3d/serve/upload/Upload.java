package x3d.serve.upload;

import java.io.IOException;
import java.util.List;

/** All videos of one request, 1 or more, deleted on {@link #close}. */
public final class Upload implements AutoCloseable {
  private final List<ReceivedVideo> videos;

  Upload(List<ReceivedVideo> videos) {
    this.videos = List.copyOf(videos);
  }

  public List<ReceivedVideo> videos() {
    return videos;
  }

  @Override
  public void close() throws IOException {
    for (ReceivedVideo video : videos) {
      video.close();
    }
  }
}
