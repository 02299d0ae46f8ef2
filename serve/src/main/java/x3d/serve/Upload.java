package x3d.serve;

import io.javalin.http.Context;
import io.javalin.http.HttpStatus;
import jakarta.servlet.MultipartConfigElement;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.Part;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.Set;

/** The video of one request as a file, deleted on {@link #close}. */
final class Upload implements AutoCloseable {
  private static final String FIELD = "video";
  private static final Set<String> RAW_TYPES = Set.of(
      "application/octet-stream",
      "application/mp4",
      "application/ogg",
      "application/vnd.rn-realmedia");

  /** Room for the boundaries and headers around the video in a multipart body. */
  private static final long ENVELOPE = 64 * 1024;

  private final Path file;

  private Upload(Path file) {
    this.file = file;
  }

  Path file() {
    return file;
  }

  /**
   * Receives the request's video into a new file in {@code folder}.
   *
   * @throws Refusal with 400 (no video), 413 (larger than {@code most} bytes) or 415 (neither multipart nor a video)
   */
  static Upload receive(Context request, Path folder, long most) throws IOException {
    String type = mediaType(request);
    boolean multipart = type.equals("multipart/form-data");
    if (!multipart && !type.startsWith("video/") && !RAW_TYPES.contains(type)) {
      throw new Refusal(
          HttpStatus.UNSUPPORTED_MEDIA_TYPE,
          "send multipart/form-data with a field '" + FIELD
              + "', or the bytes as video/* or application/octet-stream, not "
              + (type.isEmpty() ? "without a Content-Type" : type));
    }
    Path file = Files.createTempFile(folder, "upload", ".video");
    Upload upload = new Upload(file);
    try {
      if (multipart) {
        copyPart(request, file, folder, most);
      } else {
        refuseIfAnnouncedTooLarge(request, most, most);
        copy(request.req().getInputStream(), file, most);
      }
      if (Files.size(file) == 0) {
        throw new Refusal(HttpStatus.BAD_REQUEST, "the request holds no video: it is empty");
      }
      return upload;
    } catch (IOException | RuntimeException e) {
      upload.close();
      throw e;
    }
  }

  private static String mediaType(Context request) {
    String type = request.contentType();
    return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }

  private static void refuseIfAnnouncedTooLarge(Context request, long room, long most) {
    if (request.req().getContentLengthLong() > room) {
      throw tooLarge(most);
    }
  }

  /** Jetty receives all parts into files of the folder; they are deleted here, not when it comes to it. */
  private static void copyPart(Context request, Path file, Path folder, long most)
      throws IOException {
    long room = most + ENVELOPE;
    refuseIfAnnouncedTooLarge(request, room, most);
    request.attribute(
        "org.eclipse.jetty.multipartConfig",
        new MultipartConfigElement(folder.toString(), -1, room, 0));
    Collection<Part> parts = parts(request, most);
    try {
      Part video = parts.stream()
          .filter(part -> part.getName().equals(FIELD))
          .findFirst()
          .orElseThrow(() -> new Refusal(
              HttpStatus.BAD_REQUEST, "the multipart body has no field '" + FIELD + "'"));
      copy(video.getInputStream(), file, most);
    } finally {
      for (Part part : parts) {
        part.delete();
      }
    }
  }

  private static Collection<Part> parts(Context request, long most) throws IOException {
    try {
      return request.req().getParts();
    } catch (ServletException | IllegalStateException e) {
      Throwable cause = e;
      while (cause.getCause() != null) {
        cause = cause.getCause();
      }
      String reason = String.valueOf(cause.getMessage());
      // Jetty has no type of its own for this.
      if (reason.contains("max") && reason.contains("exceeded")) {
        throw tooLarge(most);
      }
      throw new Refusal(HttpStatus.BAD_REQUEST, "the multipart body cannot be read: " + reason);
    }
  }

  private static void copy(InputStream from, Path file, long most) throws IOException {
    try (InputStream in = from;
        OutputStream out = Files.newOutputStream(file)) {
      byte[] buffer = new byte[64 * 1024];
      long total = 0;
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        total += n;
        if (total > most) {
          throw tooLarge(most);
        }
        out.write(buffer, 0, n);
      }
    }
  }

  private static Refusal tooLarge(long most) {
    return new Refusal(
        HttpStatus.CONTENT_TOO_LARGE, "the video is larger than the " + most + " bytes taken here");
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(file);
  }
}
