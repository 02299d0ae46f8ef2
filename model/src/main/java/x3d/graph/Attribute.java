package x3d.graph;

import java.util.Arrays;
import java.util.List;

/** The value of an operator's attribute. */
public sealed interface Attribute {
  record Int(long value) implements Attribute {}

  record Float(float value) implements Attribute {}

  record Text(String value) implements Attribute {}

  record Ints(List<Long> values) implements Attribute {
    public Ints {
      values = List.copyOf(values);
    }

    public long[] toArray() {
      return values.stream().mapToLong(Long::longValue).toArray();
    }
  }

  static Attribute of(long value) {
    return new Int(value);
  }

  static Attribute of(float value) {
    return new Float(value);
  }

  static Attribute of(String value) {
    return new Text(value);
  }

  static Attribute of(long... values) {
    return new Ints(Arrays.stream(values).boxed().toList());
  }
}
