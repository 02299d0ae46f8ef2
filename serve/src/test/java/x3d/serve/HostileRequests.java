package x3d.serve;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** Requests that are not as they should be, byte by byte, and what may be answered to them. */
final class HostileRequests {
  /** @param allowed statuses; 0 is a connection that is closed without a word */
  record Request(String name, Set<Integer> allowed, byte[] bytes) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final String HOST = "Host: x\r\nConnection: close\r\n";
  private static final String MULTIPART = "Content-Type: multipart/form-data; boundary=b\r\n";

  private final byte[] video;
  private final List<Request> requests = new ArrayList<>();

  /** @param video a good one */
  HostileRequests(byte[] video) {
    this.video = video;
  }

  List<Request> all() {
    multipart();
    lengths();
    lines();
    questions();
    inferences();
    return List.copyOf(requests);
  }

  private void add(String name, Set<Integer> allowed, byte[] bytes) {
    requests.add(new Request(name, allowed, bytes));
  }

  private void add(String name, int status, String text) {
    add(name, Set.of(status), latin(text));
  }

  private static byte[] latin(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static byte[] post(String path, String headers, byte[] body) {
    return join(
        latin("POST " + path + " HTTP/1.1\r\n" + HOST + headers + "Content-Length: " + body.length
            + "\r\n\r\n"),
        body);
  }

  private static String part(String disposition, String content) {
    return "--b\r\nContent-Disposition: form-data" + disposition + "\r\n\r\n" + content + "\r\n";
  }

  private void form(String name, int status, String body) {
    add(name, Set.of(status), post("/v1/classify", MULTIPART, latin(body)));
  }

  private void multipart() {
    String whole = part("; name=\"video\"", "x") + "--b--\r\n";
    add(
        "no boundary",
        Set.of(400),
        post("/v1/classify", "Content-Type: multipart/form-data\r\n", latin(whole)));
    add(
        "another boundary",
        Set.of(400),
        post("/v1/classify", "Content-Type: multipart/form-data; boundary=c\r\n", latin(whole)));
    add(
        "a boundary of 5000 characters",
        Set.of(400),
        post(
            "/v1/classify",
            "Content-Type: multipart/form-data; boundary=" + "b".repeat(5000) + "\r\n",
            latin(whole)));
    form("a part without a name", 400, part("", "x") + "--b--\r\n");
    form("a part without headers", 400, "--b\r\n\r\nx\r\n--b--\r\n");
    form("1000 parts", 400, part("; name=\"a\"", "x").repeat(1000) + "--b--\r\n");
    form("1000 videos", 400, part("; name=\"video\"", "x").repeat(1000) + "--b--\r\n");
    form("no last boundary", 400, part("; name=\"video\"", "x"));
    form("last boundary only", 400, "--b--\r\n");
    form("no boundary in the body", 400, "x".repeat(10_000));
    form("newlines only", 400, "\r\n".repeat(10_000));
    form(
        "headers of a part that never end",
        400,
        "--b\r\nContent-Disposition: form-data; name=\"video\"\r\nX: " + "x".repeat(100_000));
    form(
        "10000 headers of a part",
        400,
        "--b\r\n" + "a: b\r\n".repeat(10_000) + "\r\nx\r\n--b--\r\n");
    form("multipart in multipart", 422, nested(1));
    form("multipart in multipart 1000 times", 422, nested(1000));
    form(
        "a file name that climbs",
        422,
        part("; name=\"video\"; filename=\"../../../../../../climbed.mp4\"", "x") + "--b--\r\n");
    form(
        "a file name with a zero",
        400,
        part("; name=\"video\"; filename=\"a\u0000.mp4\"", "x") + "--b--\r\n");
    form(
        "a file name of steps and control characters",
        422,
        part("; name=\"video\"; filename=\"a/\t..\\b.mp4\"", "x") + "--b--\r\n");
    form(
        "a file name of 6000 characters",
        422,
        part("; name=\"video\"; filename=\"" + "a/".repeat(3000) + "\"", "x") + "--b--\r\n");
    form(
        "a part in a coding of its own",
        422,
        "--b\r\nContent-Disposition: form-data; name=\"video\"\r\nContent-Transfer-Encoding: base64\r\n"
            + "\r\neA==\r\n--b--\r\n");
  }

  private static String nested(int depth) {
    StringBuilder body =
        new StringBuilder("--b\r\nContent-Disposition: form-data; name=\"video\"\r\n");
    for (int i = 0; i < depth; i++) {
      body.append("Content-Type: multipart/mixed; boundary=c" + i + "\r\n\r\n--c" + i + "\r\n");
    }
    body.append("\r\nx\r\n");
    for (int i = depth - 1; i >= 0; i--) {
      body.append("--c" + i + "--\r\n");
    }
    return body + "--b--\r\n";
  }

  private static String video(String headers) {
    return "POST /v1/classify HTTP/1.1\r\n" + HOST + "Content-Type: video/mp4\r\n" + headers
        + "\r\n";
  }

  private void lengths() {
    String chunked = "Transfer-Encoding: chunked\r\n";
    add("fewer bytes than announced", 408, video("Content-Length: 1000\r\n") + "abc");
    add("more bytes than announced", 422, video("Content-Length: 3\r\n") + "abcdefgh\r\n\r\n");
    add("a negative length", 400, video("Content-Length: -1\r\n"));
    add("a length that is no number", 400, video("Content-Length: much\r\n"));
    add("a length beyond all numbers", 400, video("Content-Length: 99999999999999999999\r\n"));
    add("a length beyond the limit", 413, video("Content-Length: 9999999999\r\n"));
    add("two lengths", 400, video("Content-Length: 3\r\nContent-Length: 4\r\n") + "abcd");
    add(
        "a length and chunks",
        Set.of(400, 422),
        latin(video("Content-Length: 3\r\n" + chunked) + "3\r\nabc\r\n0\r\n\r\n"));
    add("chunks of no number", Set.of(400, 499), latin(video(chunked) + "zz\r\nabc\r\n0\r\n\r\n"));
    add(
        "a chunk of all numbers",
        Set.of(400, 499),
        latin(video(chunked) + "fffffffffffffffff\r\nabc"));
    add("a negative chunk", Set.of(400, 499), latin(video(chunked) + "-3\r\nabc\r\n0\r\n\r\n"));
    add("chunks that stop", 408, video(chunked) + "3\r\nabc\r\n");
    add(
        "chunks of rubbish",
        Set.of(400, 499),
        latin(video(chunked) + "\u0000\u0001\u0002".repeat(100)));
    add(
        "an unknown transfer coding",
        Set.of(400, 501),
        latin(video("Transfer-Encoding: gzip\r\n") + "abc"));
    add(
        "a packed body",
        Set.of(415, 422),
        latin(video("Content-Encoding: gzip\r\nContent-Length: 3\r\n") + "abc"));
    add("no length at all", 400, video(""));
    add(
        "an expectation that is no good",
        Set.of(400, 417),
        latin(video("Expect: 200-ok\r\nContent-Length: 3\r\n") + "abc"));
    add(
        "100-continue for what is refused",
        415,
        "POST /v1/classify HTTP/1.1\r\n" + HOST
            + "Content-Type: text/plain\r\nExpect: 100-continue\r\nContent-Length: 1000\r\n\r\n");
    for (String type : List.of("", "text/html", "image/png", ";;;", "video", "application/json")) {
      add(
          "content of the type '" + type + "'",
          Set.of(415),
          post("/v1/classify", "Content-Type: " + type + "\r\n", video));
    }
    add(
        "form of the old kind",
        Set.of(415),
        post(
            "/v1/classify",
            "Content-Type: application/x-www-form-urlencoded\r\n",
            latin("video=x")));
  }

  private static String get(String path) {
    return "GET " + path + " HTTP/1.1\r\n" + HOST + "\r\n";
  }

  private void lines() {
    for (String method : List.of("GET", "PUT", "DELETE", "PATCH")) {
      add(
          method + " where POST belongs",
          405,
          method + " /v1/classify HTTP/1.1\r\n" + HOST + "Content-Length: 0\r\n\r\n");
    }
    for (String method : List.of("TRACE", "BREW", "CONNECT")) {
      add(
          "the method " + method,
          Set.of(400, 404, 405, 501),
          latin(method + " /v1/classify HTTP/1.1\r\n" + HOST + "\r\n"));
    }
    add("an unknown path", 404, get("/v1/nothing"));
    for (String path : List.of(
        "/../../../../etc/passwd",
        "/v1/models/../../../etc/passwd",
        "/v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/v1/models/..%00",
        "/v1/models/..;/..;/etc/passwd",
        "//etc/passwd",
        "/\\..\\..\\etc\\passwd",
        "/v1/models/" + "a/".repeat(1000),
        "/v1/models/%zz",
        "http://127.0.0.1:1/etc/passwd",
        "*")) {
      add(
          "the path " + (path.length() > 60 ? "of 2000 parts" : path),
          Set.of(400, 404, 405),
          latin(get(path)));
    }
    add(
        "a header of 100000 characters",
        Set.of(431),
        latin("GET /healthz HTTP/1.1\r\n" + HOST + "X: " + "x".repeat(100_000) + "\r\n\r\n"));
    add(
        "10000 headers",
        Set.of(431),
        latin("GET /healthz HTTP/1.1\r\n" + HOST + "a: b\r\n".repeat(10_000) + "\r\n"));
    add(
        "a query of 100000 characters",
        Set.of(414, 431),
        latin(get("/healthz?" + "x".repeat(100_000))));
    add(
        "a header without a colon",
        Set.of(400),
        latin("GET /healthz HTTP/1.1\r\n" + HOST + "nonsense\r\n\r\n"));
    add(
        "a header with a zero",
        Set.of(400),
        latin("GET /healthz HTTP/1.1\r\n" + HOST + "X: a\u0000b\r\n\r\n"));
    add("no host", 400, "GET /healthz HTTP/1.1\r\n\r\n");
    add("two hosts", Set.of(400), latin("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"));
    add("an unknown version", Set.of(400, 505), latin("GET /healthz HTTP/7.3\r\n" + HOST + "\r\n"));
    add("HTTP/2 at once", Set.of(426), latin("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"));
    add("no HTTP", Set.of(0, 400), latin("\u0000\u0001\u0002\u0003\r\n\r\n"));
    add("TLS where none is spoken", Set.of(0, 400), new byte[] {
      22, 3, 1, 0, 5, 1, 0, 0, 1, 3, 13, 10
    });
    add(
        "rubbish behind a request",
        Set.of(404),
        latin("GET /nothing HTTP/1.1\r\nHost: x\r\n\r\n" + "\u0001".repeat(500)));
  }

  private void questions() {
    for (String query : List.of(
        "top=-1",
        "top=0",
        "top=1e9",
        "top=99999999999",
        "top=NaN",
        "top=",
        "views=-1",
        "views=1000000000",
        "views=1e9",
        "views=NaN",
        "views=0x3",
        "crops=-1",
        "crops=NaN",
        "crops=1000000000",
        "perView=maybe",
        "nothing=1",
        "top=%zz",
        "%00=%00")) {
      add(
          "the query " + query,
          Set.of(400),
          post("/v1/classify?" + query, "Content-Type: video/mp4\r\n", video));
    }
    for (String model : List.of("../../etc/passwd", "%00", "a".repeat(3000), "${jndi:ldap:x}")) {
      add(
          "the model " + (model.length() > 60 ? "of 3000 characters" : model),
          Set.of(400, 404),
          post(
              "/v1/classify?model="
                  + model.replace("$", "%24").replace("{", "%7b").replace("}", "%7d"),
              "Content-Type: video/mp4\r\n",
              video));
    }
    for (String seconds : List.of("-1", "0", "NaN", "1e99", "Infinity", "soon")) {
      add(
          "a time of " + seconds,
          Set.of(400),
          post(
              "/v1/classify",
              "X-Request-Timeout: " + seconds + "\r\nContent-Type: video/mp4\r\n",
              video));
    }
    add(
        "an address where none is fetched",
        Set.of(415),
        post(
            "/v1/classify",
            "Content-Type: application/json\r\n",
            latin("{\"url\": \"file:///etc/passwd\"}")));
  }

  private void inferences() {
    infer("nothing", "");
    infer("JSON in JSON 100000 times", "[".repeat(100_000));
    infer("data in data 100000 times", input("1,3,4,36,36", "[".repeat(100_000)));
    infer("a negative shape", input("-1,3,4,36,36", "[0]"));
    infer(
        "a shape beyond all numbers",
        input("9223372036854775807,9223372036854775807,9,36,36", "[0]"));
    infer("a shape of 1000 dimensions", input("1" + ",1".repeat(1000), "[0]"));
    infer("fewer values than the shape says", input("1,3,4,36,36", "[1, 2, 3]"));
    infer("values that are no numbers", input("1,3,4,36,36", "[\"a\"]"));
    infer("values beyond all numbers", input("1,3,4,36,36", "[NaN, 1e999]"));
    add(
        "a head of JSON longer than the body",
        Set.of(400),
        post(
            "/v2/models/small/infer",
            "Inference-Header-Content-Length: 2000000000\r\n",
            latin("{}")));
    add(
        "a head of JSON of negative length",
        Set.of(400),
        post("/v2/models/small/infer", "Inference-Header-Content-Length: -5\r\n", latin("{}")));
  }

  private static String input(String shape, String data) {
    return "{\"inputs\": [{\"name\": \"clips\", \"datatype\": \"FP32\", \"shape\": [" + shape
        + "], \"data\": " + data + "}]}";
  }

  private void infer(String name, String body) {
    add(
        "infer with " + name,
        Set.of(400),
        post("/v2/models/small/infer", "Content-Type: application/json\r\n", latin(body)));
  }
}
