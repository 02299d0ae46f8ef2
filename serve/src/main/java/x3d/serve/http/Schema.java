package x3d.serve.http;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON schema as an OpenAPI document has it.
 *
 * @param json its members, in order
 */
public record Schema(Map<String, Object> json) {
  /** Of a JSON type. */
  public static Schema of(String type) {
    return new Schema(Map.of("type", type));
  }

  /** Bytes. */
  public static Schema binary() {
    return of("string").and("format", "binary");
  }

  /** A whole number. */
  public static Schema whole(int least, int most) {
    return of("integer").and("minimum", least).and("maximum", most);
  }

  public static Schema array(Schema items) {
    return of("array").and("items", items.json);
  }

  public static Schema either(Schema... schemas) {
    return new Schema(
        Map.of("oneOf", List.of(schemas).stream().map(Schema::json).toList()));
  }

  /** An object whose members all are there.
   *  @param members name and {@link Schema} in turn */
  public static Schema object(Object... members) {
    Map<String, Object> properties = new LinkedHashMap<>();
    for (int i = 0; i < members.length; i += 2) {
      properties.put((String) members[i], ((Schema) members[i + 1]).json);
    }
    return of("object")
        .and("properties", properties)
        .and("required", List.copyOf(properties.keySet()));
  }

  /** The same, where only some of the members must be there. */
  public Schema requiring(String... names) {
    return and("required", List.of(names));
  }

  private Schema and(String key, Object value) {
    Map<String, Object> more = new LinkedHashMap<>(json);
    more.put(key, value);
    return new Schema(more);
  }
}
