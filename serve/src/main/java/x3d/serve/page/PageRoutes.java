package x3d.serve.page;

import java.util.List;
import java.util.Map;
import x3d.serve.http.Route;
import x3d.serve.http.Schema;

/** The page at {@code /}, the one at {@code /docs}, and the files that they are made of. All are answered without a key. */
public final class PageRoutes {
  private static final String HTML = "text/html";
  private static final String SCRIPT = "text/javascript";

  private PageRoutes() {}

  /** @param mostBytes that a request may upload: the page refuses larger files before it sends them */
  public static List<Route> of(long mostBytes) {
    return List.of(
        route("/", PageFile.read("index.html", HTML, Map.of("max-upload", mostBytes))),
        route("/docs", PageFile.read("docs.html", HTML)),
        route("/page/app.js", PageFile.read("app.js", SCRIPT)),
        route("/page/answer.js", PageFile.read("answer.js", SCRIPT)),
        route("/page/api.js", PageFile.read("api.js", SCRIPT)),
        route("/page/docs.js", PageFile.read("docs.js", SCRIPT)),
        route("/page/dom.js", PageFile.read("dom.js", SCRIPT)),
        route("/page/page.css", PageFile.read("page.css", "text/css")),
        route("/page/icon.svg", PageFile.read("icon.svg", "image/svg+xml")));
  }

  private static Route route(String path, PageFile file) {
    return Route.get(path, path, "A file of the pages.", true, Schema.of("string"), file::answer)
        .answering(Map.of(file.mediaType(), Schema.of("string")));
  }
}
