package x3d.serve.upload;

import io.javalin.http.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import x3d.serve.admission.Admission;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;

/** Receives what requests bring into files of the temporary area. */
public final class Receiver {
  private static final Set<String> RAW_TYPES = Set.of(
      "application/octet-stream",
      "application/mp4",
      "application/ogg",
      "application/vnd.rn-realmedia");

  /** Room for the boundaries and headers around the videos in a multipart body. */
  private static final long ENVELOPE = 64 * 1024;

  private final TemporaryArea area;
  private final Limits limits;
  private final Optional<UrlSource> urls;

  /** @param urls where videos may be fetched from; empty if from nowhere */
  public Receiver(TemporaryArea area, Limits limits, Optional<UrlSource> urls) {
    this.area = area;
    this.limits = limits;
    this.urls = urls;
  }

  /**
   * Receives the videos of a request, as multipart, raw bytes or by address.
   *
   * @throws Refusal with 400 (no video), 413 (too large), 415 (another media type), 408 (too slow), 403 or 502 (an address)
   */
  public Upload videos(Context request, Admission.Place place) throws IOException {
    String type = mediaType(request);
    List<ReceivedVideo> videos = new ArrayList<>();
    try {
      if (type.equals("multipart/form-data")) {
        new MultipartReader(request.contentType(), area, limits, videos)
            .read(new Body(request, place, limits.bytes() + ENVELOPE, limits));
      } else if (type.equals("application/json") && urls.isPresent()) {
        TemporaryArea.TemporaryFile file = area.create();
        videos.add(new ReceivedVideo("url", file));
        urls.get().fetch(UrlSource.address(request, place, limits), file, place);
      } else if (type.startsWith("video/") || RAW_TYPES.contains(type)) {
        videos.add(whole(request, place));
      } else {
        throw new Refusal(
            Problem.UNSUPPORTED_MEDIA,
            "send multipart/form-data with a field 'video', or the bytes as video/* or"
                + " application/octet-stream, not "
                + (type.isEmpty() ? "without a Content-Type" : type));
      }
      requireVideos(videos);
      return new Upload(videos);
    } catch (IOException | RuntimeException e) {
      new Upload(videos).close();
      throw e;
    }
  }

  private static void requireVideos(List<ReceivedVideo> videos) {
    if (videos.isEmpty()) {
      throw new Refusal(Problem.BAD_REQUEST, "the multipart body has no field 'video'");
    }
    for (ReceivedVideo video : videos) {
      if (video.size() == 0) {
        throw new Refusal(Problem.BAD_REQUEST, "the request holds no video: it is empty");
      }
    }
  }

  /** The body as it is, of whatever media type. */
  public ReceivedVideo whole(Context request, Admission.Place place) throws IOException {
    Body body = new Body(request, place, limits.bytes(), limits);
    TemporaryArea.TemporaryFile file = area.create();
    try {
      byte[] buffer = new byte[64 * 1024];
      for (int n = body.read(buffer); n >= 0; n = body.read(buffer)) {
        file.write(buffer, 0, n);
      }
      file.finish();
      return new ReceivedVideo("video", file);
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  private static String mediaType(Context request) {
    String type = request.contentType();
    return type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
  }
}
