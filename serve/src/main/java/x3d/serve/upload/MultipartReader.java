package x3d.serve.upload;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.MultiPart;
import org.eclipse.jetty.io.Content;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;

/** Writes the parts called {@code video} of a multipart body into files as they come; the others are passed over. */
final class MultipartReader {
  private static final String FIELD = "video";
  private static final int HEADER_BYTES = 8 * 1024;

  private final TemporaryArea area;
  private final Limits limits;
  private final List<ReceivedVideo> videos;
  private final MultiPart.Parser parser;
  private final byte[] bytes = new byte[64 * 1024];
  private TemporaryArea.TemporaryFile file;
  private Throwable failure;
  private boolean complete;

  /** @param videos takes those that are whole; closed by the caller whatever happens */
  MultipartReader(
      String contentType, TemporaryArea area, Limits limits, List<ReceivedVideo> videos) {
    this.area = area;
    this.limits = limits;
    this.videos = videos;
    String boundary = MultiPart.extractBoundary(contentType);
    if (boundary == null || boundary.isEmpty() || boundary.length() > 70) {
      throw new Refusal(
          Problem.BAD_REQUEST,
          "the multipart body has no boundary of 1 to 70 characters in its Content-Type");
    }
    parser = new MultiPart.Parser(boundary, new Parts());
    parser.setPartHeadersMaxLength(HEADER_BYTES);
    parser.setMaxParts(limits.parts());
  }

  /** @throws Refusal if the body is broken, too large, or has too many parts */
  void read(Body body) throws IOException {
    byte[] buffer = new byte[64 * 1024];
    try {
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        feed(ByteBuffer.wrap(buffer, 0, n), false);
      }
      feed(ByteBuffer.allocate(0), true);
      if (!complete) {
        throw broken("it ends before its last boundary");
      }
    } finally {
      if (file != null) {
        file.close();
      }
    }
  }

  private void feed(ByteBuffer content, boolean last) throws IOException {
    if (complete) {
      return; // what follows the last boundary counts for nothing
    }
    parser.parse(Content.Chunk.from(content, last));
    if (failure instanceof Refusal refusal) {
      throw refusal;
    }
    if (failure instanceof UncheckedIOException unwritten) {
      throw unwritten.getCause();
    }
    if (failure != null) {
      throw broken(String.valueOf(failure.getMessage()));
    }
  }

  private static Refusal broken(String reason) {
    return new Refusal(Problem.BAD_REQUEST, "the multipart body cannot be read: " + reason);
  }

  private final class Parts extends MultiPart.AbstractPartsListener {
    private boolean begun;

    @Override
    public void onPartContent(Content.Chunk chunk) {
      try {
        if (!begun) {
          begun = true;
          file = FIELD.equals(getName()) ? area.create() : null;
        }
        ByteBuffer content = chunk.getByteBuffer();
        while (content.hasRemaining()) {
          int n = Math.min(bytes.length, content.remaining());
          content.get(bytes, 0, n);
          if (file != null && failure == null) {
            if (file.size() + n > limits.bytes()) {
              throw Body.tooLarge(limits.bytes());
            }
            file.write(bytes, 0, n);
          }
        }
      } catch (IOException e) {
        onFailure(new UncheckedIOException(e)); // ours, not the client's
      } catch (Refusal e) {
        onFailure(e);
      }
    }

    @Override
    public void onPart(String name, String fileName, HttpFields headers) {
      try {
        if (file == null && FIELD.equals(name)) {
          file = area.create(); // a part without content
        }
        if (file != null) {
          file.finish();
          videos.add(new ReceivedVideo(fileName == null ? FIELD : fileName, file));
          file = null;
        }
      } catch (IOException e) {
        onFailure(new UncheckedIOException(e));
      }
      begun = false;
    }

    @Override
    public void onComplete() {
      complete = true;
    }

    @Override
    public void onFailure(Throwable reason) {
      failure = failure == null ? reason : failure;
    }
  }
}
