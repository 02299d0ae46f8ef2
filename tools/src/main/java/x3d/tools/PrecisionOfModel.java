package x3d.tools;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import x3d.net.Precision;

/** Reads what a model file is to compute in: {@code float32} or {@code float16}. */
public final class PrecisionOfModel implements ITypeConverter<Precision> {
  @Override
  public Precision convert(String word) {
    return switch (word) {
      case "float32" -> Precision.FLOAT32;
      case "float16" -> Precision.FLOAT16;
      default ->
        throw new TypeConversionException(
            "a model file is in float32 or float16, not in '" + word + "'");
    };
  }
}
