package x3d.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import x3d.train.RecipeKey.Treatment;

/**
 * What to train and how: SlowFast's keys and their values. Immutable; every value has been checked
 * for its type, and {@link #checked} for what the keys say together.
 *
 * <p>A key is obeyed, or harmless (it belongs to another network or tool), or its values other than
 * those that can be obeyed are refused. Unknown keys are refused with near misses.
 */
public final class Recipe {
  private static final String SEED = "x3d_s_kinetics";
  private static final String BASE = "_BASE_";

  /**
   * Names of the recipes that are shipped: the seed project's runs. Full training on 8 devices and on one, throughput on 8 and on
   * one, and fine-tuning.
   */
  public static final List<String> SHIPPED = List.of(
      SEED, "x3d_s_kinetics_1p", "x3d_s_performance", "x3d_s_performance_1p", "x3d_s_finetune");

  private static final ObjectMapper YAML = new ObjectMapper(YAMLFactory.builder()
      .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
      .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
      .build());

  private final Map<String, Object> values;

  private Recipe(Map<String, Object> values) {
    this.values = values;
  }

  /** SlowFast's defaults, for X3D. */
  public static Recipe defaults() {
    Map<String, Object> values = new LinkedHashMap<>();
    for (RecipeKey key : RecipeKeys.all()) {
      if (key.treatment() != Treatment.HARMLESS) {
        values.put(key.name(), key.initial());
      }
    }
    return new Recipe(values);
  }

  /** X3D-S on Kinetics-400 as the seed of this project trained it, in float32. */
  public static Recipe seed() {
    return shipped(SEED);
  }

  private static Recipe shipped(String name) {
    try (InputStream in = Recipe.class.getResourceAsStream(name + ".yaml")) {
      return read(new String(in.readAllBytes(), StandardCharsets.UTF_8), name);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The recipe in a file, over SlowFast's defaults.
   *
   * @param file YAML with SlowFast's keys, or one of {@link #SHIPPED}
   * @throws RecipeException if the file cannot be read or obeyed
   */
  public static Recipe read(Path file) {
    if (SHIPPED.contains(file.toString()) && !Files.exists(file)) {
      return shipped(file.toString());
    }
    try {
      return read(Files.readString(file), file.toString());
    } catch (IOException e) {
      String why = Files.exists(file)
          ? e.getMessage()
          : "no such file, nor one of those shipped: " + String.join(", ", SHIPPED);
      throw new RecipeException("recipe " + file + ": " + why);
    }
  }

  /**
   * The recipe in a text, over the recipe that it names as {@code _BASE_} as fvcore has it, or over SlowFast's defaults.
   *
   * @param origin what to call the text in messages; a base is looked for beside it
   */
  public static Recipe read(String yaml, String origin) {
    return read(yaml, List.of(origin));
  }

  /** @param above the files on the way here, the text's own last */
  private static Recipe read(String yaml, List<String> above) {
    String origin = above.get(above.size() - 1);
    Map<String, Object> flat = new LinkedHashMap<>();
    try {
      Object root = YAML.readValue(yaml, Object.class);
      if (root instanceof Map<?, ?> map) {
        flatten("", map, flat);
      } else if (root != null) {
        throw new RecipeException(
            "recipe " + origin + ": is not a list of keys such as 'SOLVER: {BASE_LR: 0.1}'");
      }
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      String why = e.getOriginalMessage().lines().findFirst().orElse("is not YAML");
      throw new RecipeException("recipe " + origin + ":" + line + ": " + why);
    }
    Object base = flat.remove(BASE);
    return (base == null ? defaults() : base(base.toString(), above)).with(flat, origin);
  }

  /** The recipe that another stands on, itself perhaps on further ones. */
  private static Recipe base(String name, List<String> above) {
    Path file = Path.of(above.get(above.size() - 1)).resolveSibling(name).normalize();
    if (SHIPPED.contains(name) && !Files.exists(file)) {
      return shipped(name);
    }
    List<String> chain = new ArrayList<>(above);
    chain.add(file.toString());
    if (above.contains(file.toString())) {
      throw new RecipeException("recipe " + above.get(0) + ": its _BASE_ leads in a circle, "
          + String.join(" -> ", chain));
    }
    try {
      return read(Files.readString(file), chain);
    } catch (IOException e) {
      throw new RecipeException(
          "recipe " + above.get(above.size() - 1) + ": its _BASE_ " + file + " cannot be read");
    }
  }

  private static void flatten(String prefix, Map<?, ?> map, Map<String, Object> into) {
    map.forEach((key, value) -> {
      String name = prefix + key;
      if (value instanceof Map<?, ?> section) {
        flatten(name + ".", section, into);
      } else if (value == null && prefix.isEmpty() && isSection(name)) {
        return; // "TEST:" with everything under it commented out
      } else {
        into.put(name, value);
      }
    });
  }

  private static boolean isSection(String name) {
    return RecipeKeys.all().stream().anyMatch(key -> key.name().startsWith(name + "."));
  }

  /**
   * This recipe with {@code KEY VALUE} pairs over it, as SlowFast's command line has them. Values
   * are written as in Python or YAML: {@code 0.05}, {@code True}, {@code [182, 228]}, {@code None}.
   */
  public Recipe withOverrides(List<String> keysAndValues) {
    if (keysAndValues.size() % 2 != 0) {
      throw new RecipeException("overrides come in pairs, KEY VALUE: '"
          + keysAndValues.get(keysAndValues.size() - 1)
          + "' has no value");
    }
    Map<String, Object> changes = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      changes.put(keysAndValues.get(i), literal(keysAndValues.get(i + 1)));
    }
    return with(changes, "command line");
  }

  private static Object literal(String text) {
    String trimmed = text.strip();
    if (trimmed.startsWith("(") && trimmed.endsWith(")")) {
      trimmed = "[" + trimmed.substring(1, trimmed.length() - 1) + "]";
    }
    if (trimmed.startsWith("[")) {
      try {
        return YAML.readValue(trimmed, List.class);
      } catch (JsonProcessingException e) {
        return text;
      }
    }
    return text;
  }

  /** This recipe with one key set; the value has the key's type. */
  public Recipe with(String name, Object value) {
    return with(java.util.Collections.singletonMap(name, value), "option");
  }

  private Recipe with(Map<String, Object> changes, String origin) {
    Map<String, Object> changed = new LinkedHashMap<>(values);
    List<String> problems = new ArrayList<>();
    changes.forEach((name, raw) -> RecipeKeys.find(name)
        .ifPresentOrElse(
            key -> set(key, raw, changed, problems), () -> problems.add(unknown(name))));
    if (!problems.isEmpty()) {
      problems.set(0, origin + ": " + problems.get(0));
      throw new RecipeException(problems);
    }
    return new Recipe(changed);
  }

  private static String unknown(String name) {
    List<String> near = RecipeKeys.near(name);
    String hint = near.isEmpty() ? "" : " (did you mean " + String.join(" or ", near) + "?)";
    return "unknown key " + name + hint;
  }

  private static void set(
      RecipeKey key, Object raw, Map<String, Object> values, List<String> problems) {
    boolean none = raw == null || "None".equals(raw) || "null".equals(raw);
    if (none && key.initial() == null) {
      values.put(key.name(), null);
      return;
    }
    Object value = key.kind().convert(raw);
    if (value == null) {
      problems.add(key.name() + " is '" + raw + "', which is not " + key.kind().words());
    } else if (key.treatment() == Treatment.FIXED && !key.accepted().contains(value)) {
      problems.add(key.name()
          + " is "
          + python(value)
          + ", which this trainer cannot obey: "
          + key.reason()
          + " ("
          + String.join(" or ", key.accepted().stream().map(Recipe::python).toList())
          + ")");
    } else {
      values.put(key.name(), value);
    }
  }

  private static String python(Object value) {
    if (value instanceof Boolean flag) {
      return flag ? "True" : "False";
    }
    return value instanceof String text && text.isEmpty() ? "''" : String.valueOf(value);
  }

  /**
   * This recipe, if what its keys say together can be obeyed.
   *
   * @throws RecipeException naming all that cannot
   */
  public Recipe checked() {
    List<String> problems = RecipeRules.problems(this);
    if (!problems.isEmpty()) {
      throw new RecipeException(problems);
    }
    return this;
  }

  /** A whole number. */
  public int integer(String name) {
    return Math.toIntExact((Long) value(name));
  }

  /** A whole number that may not fit an int, such as a seed. */
  public long whole(String name) {
    return (Long) value(name);
  }

  /** A number. */
  public double real(String name) {
    return (Double) value(name);
  }

  /** A number that may be {@code None}. */
  public OptionalDouble optionalReal(String name) {
    Object value = value(name);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of((Double) value);
  }

  /** What {@code APEX.LOSS_SCALE} says; empty for {@code dynamic}. */
  OptionalDouble lossScale() {
    return value("APEX.LOSS_SCALE") instanceof Double scale
        ? OptionalDouble.of(scale)
        : OptionalDouble.empty();
  }

  /** True or False. */
  public boolean flag(String name) {
    return (Boolean) value(name);
  }

  /** A text. */
  public String text(String name) {
    return (String) value(name);
  }

  /** A list of whole numbers. */
  public List<Integer> integers(String name) {
    return ((List<?>) value(name)).stream().map(x -> Math.toIntExact((Long) x)).toList();
  }

  /** A list of numbers. */
  public List<Double> reals(String name) {
    return ((List<?>) value(name)).stream().map(Double.class::cast).toList();
  }

  /** A list of texts. */
  public List<String> texts(String name) {
    return ((List<?>) value(name)).stream().map(String.class::cast).toList();
  }

  private Object value(String name) {
    if (!values.containsKey(name)) {
      throw new IllegalArgumentException("no key " + name);
    }
    return values.get(name);
  }

  /** Keys that matter and on which the two recipes differ, as {@code KEY: ours -> theirs}. */
  public List<String> differences(Recipe other) {
    List<String> differences = new ArrayList<>();
    for (RecipeKey key : RecipeKeys.all()) {
      Object ours = values.get(key.name());
      Object theirs = other.values.get(key.name());
      if (key.treatment() != Treatment.HARMLESS && !Objects.equals(ours, theirs)) {
        differences.add(key.name() + ": " + python(ours) + " -> " + python(theirs));
      }
    }
    return differences;
  }

  /** All keys and their values, as {@code KEY VALUE} pairs have them. */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (RecipeKey key : RecipeKeys.all()) {
      if (values.containsKey(key.name())) {
        texts.put(key.name(), python(values.get(key.name())));
      }
    }
    values.forEach((name, value) -> texts.putIfAbsent(name, python(value)));
    return texts;
  }

  /** The recipe as YAML that {@link #read} reads back to an equal one. */
  public String toYaml() {
    Map<String, Object> root = new LinkedHashMap<>();
    for (RecipeKey key : RecipeKeys.all()) { // the table's order, whatever order keys were set in
      if (values.containsKey(key.name())) {
        put(root, key.name(), values.get(key.name()));
      }
    }
    values.forEach((name, value) -> put(root, name, value));
    try {
      return YAML.writeValueAsString(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  @SuppressWarnings("unchecked") // sections are maps that this method made
  private static void put(Map<String, Object> root, String name, Object value) {
    Map<String, Object> section = root;
    String[] path = name.split("\\.");
    for (int i = 0; i < path.length - 1; i++) {
      section = (Map<String, Object>) section.computeIfAbsent(path[i], x -> new LinkedHashMap<>());
    }
    section.put(path[path.length - 1], value);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Recipe recipe && recipe.values.equals(values);
  }

  @Override
  public int hashCode() {
    return values.hashCode();
  }

  @Override
  public String toString() {
    return toYaml();
  }
}
