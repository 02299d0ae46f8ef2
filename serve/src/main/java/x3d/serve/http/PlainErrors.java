package x3d.serve.http;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** Answers in our own form to what Jetty refuses before any route sees it: broken requests, headers that are too long. */
final class PlainErrors extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int status,
      String message,
      Throwable cause,
      Callback callback) {
    Correlation correlation = Correlation.of(
        request.getHeaders().get(Correlation.HEADER), request.getHeaders().get("traceparent"));
    String body = Problem.of(status)
        .body(status, message == null ? "HTTP " + status : message, correlation.requestId());
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.MEDIA_TYPE);
    response.getHeaders().put(Correlation.HEADER, correlation.requestId());
    SecurityHeaders.ALWAYS.forEach((name, value) -> response.getHeaders().put(name, value));
    response.write(true, ByteBuffer.wrap(body.getBytes(StandardCharsets.UTF_8)), callback);
  }

  @Override
  public boolean errorPageForMethod(String method) {
    return true;
  }
}
