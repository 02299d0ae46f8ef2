package x3d.serve.model;

import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * A model file and the name that clients call it by.
 *
 * @param name letters, digits, {@code . _ -}
 */
public record ModelFile(String name, Path file) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,99}");

  public ModelFile {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("'" + name
          + "' is no name for a model: it must be of letters, digits, '.', '_' and '-'; say which"
          + " with name=FILE");
    }
  }

  /** From {@code name=FILE}, or a FILE alone, which is called as it is without its ending. */
  public static ModelFile of(String text) {
    int equals = text.indexOf('=');
    if (equals > 0 && NAME.matcher(text.substring(0, equals)).matches()) {
      return new ModelFile(text.substring(0, equals), Path.of(text.substring(equals + 1)));
    }
    Path file = Path.of(text);
    String name = String.valueOf(file.getFileName());
    int dot = name.lastIndexOf('.');
    return new ModelFile(dot > 0 ? name.substring(0, dot) : name, file);
  }
}
