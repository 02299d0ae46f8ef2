package x3d.serve;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;

/**
 * What a server says to bytes that need not be HTTP.
 *
 * @param status of its first answer; 0 if it closes the connection without one, -1 if it does nothing in time
 * @param text all that it says
 */
record RawAnswer(int status, String text) {
  private static final int MILLIS = 8000;

  /** Sends bytes and reads one answer. */
  static RawAnswer to(int port, byte[] request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(MILLIS);
      try {
        socket.getOutputStream().write(request);
      } catch (IOException e) {
        // it may have answered and closed before all was sent
      }
      return read(socket);
    }
  }

  /** Reads until the answer is whole, or the connection is closed. */
  static RawAnswer read(Socket socket) {
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try {
      InputStream in = socket.getInputStream();
      byte[] buffer = new byte[8192];
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        said.write(buffer, 0, n);
        if (whole(text(said))) {
          break;
        }
      }
    } catch (SocketTimeoutException e) {
      return new RawAnswer(-1, text(said));
    } catch (IOException e) {
      // reset: what was said counts
    }
    String text = text(said);
    return new RawAnswer(
        text.startsWith("HTTP/1.") ? Integer.parseInt(text.substring(9, 12)) : 0, text);
  }

  private static String text(ByteArrayOutputStream said) {
    return said.toString(StandardCharsets.ISO_8859_1);
  }

  private static boolean whole(String text) {
    int body = text.indexOf("\r\n\r\n");
    if (body < 0) {
      return false;
    }
    String length = text.substring(0, body)
        .lines()
        .filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
        .map(line -> line.substring(15).strip())
        .findFirst()
        .orElse("0");
    return text.length() - body - 4 >= Integer.parseInt(length);
  }
}
