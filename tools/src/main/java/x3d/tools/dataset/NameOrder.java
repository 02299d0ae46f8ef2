package x3d.tools.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Comparator;

/** The order of names: by code point, as Python's {@code sorted} and {@code LC_ALL=C sort} have it, in every locale. */
enum NameOrder implements Comparator<String> {
  BY_CODE_POINT;

  /** In UTF-8 bytes are ordered as code points are; in Java's UTF-16 they are not. */
  @Override
  public int compare(String a, String b) {
    return Arrays.compareUnsigned(a.getBytes(UTF_8), b.getBytes(UTF_8));
  }
}
