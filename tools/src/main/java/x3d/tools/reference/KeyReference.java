package x3d.tools.reference;

import x3d.train.KeyFacts;

/** All keys of a recipe as one Markdown text. */
final class KeyReference {
  private KeyReference() {}

  static String text() {
    StringBuilder text = new StringBuilder("""
        # Keys of a recipe

        Written by `x3d-tools reference` from the table that recipes are read with. Names are SlowFast's; what they mean here where
        that needs a word more is in [training.md](training.md#keys). A key that is not here is refused with what may have been
        meant, but for the sections of other networks and tools (`MVIT`, `SLOWFAST`, `AVA`, `DEMO`, ...), which change nothing.

        | key | default | here |
        |---|---|---|
        """);
    for (KeyFacts key : KeyFacts.all()) {
      text.append("| `")
          .append(key.name())
          .append("` | ")
          .append(key.initial().isEmpty() ? "" : "`" + key.initial() + "`")
          .append(" | ")
          .append(key.meaning())
          .append(" |\n");
    }
    return text.toString();
  }
}
