package x3d.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * An option of an execution provider, as {@code --ep-option} names it and ONNX Runtime's documentation of the provider has it.
 *
 * @param words that it can be; empty for the kinds that need none
 */
record ProviderOption(String name, Kind kind, List<String> words) {
  enum Kind {
    SWITCH {
      @Override
      String read(ProviderOption option, String value) {
        return switch (value.toLowerCase(Locale.ROOT)) {
          case "1", "true" -> "1";
          case "0", "false" -> "0";
          default -> throw option.refusal(value, "0 or 1");
        };
      }
    },
    NUMBER {
      @Override
      String read(ProviderOption option, String value) {
        if (!value.matches("\\d{1,18}")) {
          throw option.refusal(value, "a whole number of 0 or more");
        }
        return value;
      }
    },
    WORD {
      @Override
      String read(ProviderOption option, String value) {
        if (!option.words.contains(value)) {
          throw option.refusal(value, "one of " + String.join(", ", option.words));
        }
        return value;
      }
    },
    TEXT {
      @Override
      String read(ProviderOption option, String value) {
        if (value.isBlank()) {
          throw option.refusal(value, "something");
        }
        return value;
      }
    };

    abstract String read(ProviderOption option, String value);
  }

  ProviderOption {
    words = List.copyOf(words);
  }

  static List<ProviderOption> switches(String... names) {
    return all(Kind.SWITCH, names);
  }

  static List<ProviderOption> numbers(String... names) {
    return all(Kind.NUMBER, names);
  }

  static List<ProviderOption> texts(String... names) {
    return all(Kind.TEXT, names);
  }

  private static List<ProviderOption> all(Kind kind, String... names) {
    return Arrays.stream(names).map(n -> new ProviderOption(n, kind, List.of())).toList();
  }

  static ProviderOption word(String name, String... words) {
    return new ProviderOption(name, Kind.WORD, List.of(words));
  }

  /** The value as ONNX Runtime takes it.
   *  @throws IllegalArgumentException if it is none */
  String read(String value) {
    return kind.read(this, value);
  }

  private IllegalArgumentException refusal(String value, String right) {
    return new IllegalArgumentException(
        "provider option " + name + " is '" + value + "'; it must be " + right);
  }
}
