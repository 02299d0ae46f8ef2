package x3d.serve.upload;

import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.TimeoutException;
import x3d.serve.admission.Admission;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;

/** The body of a request, read no further than it may be long and no longer than its client keeps sending. */
final class Body {
  private final InputStream in;
  private final Admission.Place place;
  private final long most;
  private final long announced;
  private final Limits limits;
  private final long started = System.nanoTime();
  private long total;

  /**
   * @param most bytes
   * @throws Refusal with 413 if the client announces more
   */
  Body(Context request, Admission.Place place, long most, Limits limits) throws IOException {
    this.place = place;
    this.most = most;
    this.limits = limits;
    if (request.req().getContentLengthLong() > most) {
      throw tooLarge(limits.bytes());
    }
    announced = request.req().getContentLengthLong();
    in = request.req().getInputStream();
  }

  static Refusal tooLarge(long most) {
    return new Refusal(
        Problem.TOO_LARGE, "the upload is larger than the " + most + " bytes taken here");
  }

  /**
   * Reads what there is next.
   *
   * @return how many bytes, -1 at the end
   * @throws Refusal if there are too many, they come too slowly or not at all, or the request's time is over
   */
  int read(byte[] buffer) throws IOException {
    place.check();
    int n = readOrRefuse(buffer);
    if (n < 0) {
      if (announced >= 0 && total < announced) {
        throw gone();
      }
      place.received();
      return n;
    }
    total += n;
    if (total > most) {
      throw tooLarge(limits.bytes());
    }
    double seconds = (System.nanoTime() - started) / 1e9;
    if (seconds > Limits.SLOW_START.toSeconds() && total / seconds < limits.bytesASecond()) {
      throw new Refusal(
          Problem.SLOW_UPLOAD,
          "the upload comes with less than " + limits.bytesASecond() + " bytes a second");
    }
    return n;
  }

  private int readOrRefuse(byte[] buffer) {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      for (Throwable cause = e; cause != null; cause = cause.getCause()) {
        if (cause instanceof TimeoutException) {
          throw new Refusal(Problem.SLOW_UPLOAD, "nothing more of the upload comes");
        }
      }
      throw gone();
    }
  }

  private static Refusal gone() {
    return new Refusal(Problem.CLIENT_GONE, "the upload ended before its end");
  }
}
