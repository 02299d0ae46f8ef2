package x3d.tools.page;

import static j2html.TagCreator.body;
import static j2html.TagCreator.document;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.head;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.rawHtml;
import static j2html.TagCreator.script;
import static j2html.TagCreator.style;
import static j2html.TagCreator.title;

import j2html.TagCreator;
import j2html.tags.DomContent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A page: a title and sections under headings, written as one file that asks no other host for anything. */
public final class Page {
  /** A browser refuses whatever a page would fetch. */
  private static final String POLICY =
      "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

  /** As the parent pom has it. */
  private static final String UPLOT = "/META-INF/resources/webjars/uplot/1.6.30/";

  private final String title;
  private final List<DomContent> content = new ArrayList<>();
  private final List<String> styles = new ArrayList<>();
  private final List<String> scripts = new ArrayList<>();

  private Page(String title) {
    this.title = title;
  }

  /** An empty page. */
  public static Page titled(String title) {
    return new Page(title);
  }

  /** Adds content under the title or the last section. */
  public Page add(DomContent... more) {
    content.addAll(List.of(more));
    return this;
  }

  /** Adds a section; its heading's words in lower case, joined by hyphens, are its anchor. */
  public Page section(String heading, DomContent... parts) {
    content.add(TagCreator.section(h2(heading))
        .withId(heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", "-"))
        .with(parts));
    return this;
  }

  /** Adds rules after those that all pages share, from a resource. */
  public Page withStyle(Class<?> near, String resource) {
    styles.add(read(near, resource));
    return this;
  }

  /** Adds a script that runs once the page and its charts are there, from a resource. */
  public Page withScript(Class<?> near, String resource) {
    scripts.add(read(near, resource));
    return this;
  }

  /** The file's text. */
  public String html() {
    boolean charts = content.stream().anyMatch(c -> c.render().contains("data-chart"));
    List<DomContent> last = new ArrayList<>();
    if (charts) {
      last.add(inline("/*\n" + read(Page.class, UPLOT + "LICENSE") + "*/\n"
          + read(Page.class, UPLOT + "dist/uPlot.iife.min.js")));
      last.add(inline(read(Page.class, "chart.js")));
    }
    last.add(inline(read(Page.class, "table.js")));
    scripts.forEach(text -> last.add(inline(text)));
    return document(TagCreator.html(
            head(
                meta().withCharset("utf-8"),
                meta().attr("http-equiv", "Content-Security-Policy").withContent(POLICY),
                meta().withName("viewport").withContent("width=device-width"),
                title(title),
                style(rawHtml((charts ? read(Page.class, UPLOT + "dist/uPlot.min.css") : "")
                    + read(Page.class, "page.css")
                    + String.join("", styles)))),
            body(h1(title)).with(content).with(last))
        .withLang("en"));
  }

  private static DomContent inline(String text) {
    return script(rawHtml(text));
  }

  private static String read(Class<?> near, String resource) {
    try (InputStream in = near.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalArgumentException("no resource " + resource + " beside " + near);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
