package x3d.tools.page;

import static j2html.TagCreator.dd;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;

import j2html.tags.specialized.DlTag;

/** The few numbers that a page is opened for, in large type. */
public final class Figures {
  private final DlTag list = dl().withClass("figures");

  /** Adds one. */
  public Figures add(String name, String value) {
    list.with(div(dt(name), dd(value)));
    return this;
  }

  /** As an element. */
  public DlTag draw() {
    return list;
  }
}
