package x3d.train;

import java.util.List;

/**
 * One key of a recipe: what it is called, what it is when nobody says so, and what becomes of it.
 *
 * @param name SlowFast's dotted name, {@code SOLVER.BASE_LR}
 * @param kind the type its values have
 * @param initial the value without a recipe, or null
 * @param treatment what the trainer does with it
 * @param accepted for {@link Treatment#FIXED}, the values that can be obeyed
 * @param reason for {@link Treatment#FIXED}, why no other can
 */
record RecipeKey(
    String name,
    Kind kind,
    Object initial,
    Treatment treatment,
    List<Object> accepted,
    String reason) {

  /** What becomes of a key. */
  enum Treatment {
    /** The trainer does what it says. */
    OBEYED,
    /** It cannot change what is trained here, whatever it says: another tool's or network's key. */
    HARMLESS,
    /** It could change what is trained, and only some of its values can be obeyed. */
    FIXED
  }

  /** The type of a value, as SlowFast's configuration has it. */
  enum Kind {
    INTEGER("a whole number") {
      @Override
      Object convert(Object raw) {
        Double number = number(raw);
        return number != null && number == Math.rint(number) && Math.abs(number) < 1e15
            ? (Object) number.longValue()
            : null;
      }
    },
    REAL("a number") {
      @Override
      Object convert(Object raw) {
        return number(raw);
      }
    },
    SCALE("a number or dynamic") {
      @Override
      Object convert(Object raw) {
        return "dynamic".equals(raw) ? raw : number(raw);
      }
    },
    FLAG("True or False") {
      @Override
      Object convert(Object raw) {
        if (raw instanceof Boolean) {
          return raw;
        }
        return switch (String.valueOf(raw)) {
          case "True", "true" -> Boolean.TRUE;
          case "False", "false" -> Boolean.FALSE;
          default -> null;
        };
      }
    },
    TEXT("a text") {
      @Override
      Object convert(Object raw) {
        return raw == null || raw instanceof List ? null : String.valueOf(raw);
      }
    },
    INTEGERS("a list of whole numbers") {
      @Override
      Object convert(Object raw) {
        return each(raw, INTEGER);
      }
    },
    REALS("a list of numbers") {
      @Override
      Object convert(Object raw) {
        return each(raw, REAL);
      }
    },
    TEXTS("a list") {
      @Override
      Object convert(Object raw) {
        return each(raw, TEXT);
      }
    },
    ANY("anything") {
      @Override
      Object convert(Object raw) {
        return raw;
      }
    };

    private final String words;

    Kind(String words) {
      this.words = words;
    }

    /** What a value should have been, for a message. */
    String words() {
      return words;
    }

    /** The value as this type, or null if it is not one. */
    abstract Object convert(Object raw);

    private static Double number(Object raw) {
      if (raw instanceof Number number) {
        return number.doubleValue();
      }
      if (raw instanceof String text) { // 5e-5 is a text to YAML 1.1
        try {
          double value = Double.parseDouble(text);
          return Double.isFinite(value) && !text.matches(".*[dDfF]$") ? (Double) value : null;
        } catch (NumberFormatException e) {
          return null;
        }
      }
      return null;
    }

    private static List<Object> each(Object raw, Kind element) {
      if (!(raw instanceof List<?> list)) {
        return null;
      }
      List<Object> converted = list.stream().map(element::convert).toList();
      return converted.stream().anyMatch(java.util.Objects::isNull) ? null : converted;
    }
  }
}
