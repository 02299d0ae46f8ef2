package x3d.tools;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;
import x3d.net.Precision;

/** Reads what a network is to be trained in: one of Apex's levels, as {@code APEX.OPT_LEVEL} has them. */
final class PrecisionLevel implements ITypeConverter<Precision> {
  @Override
  public Precision convert(String level) {
    try {
      return Precision.of(level);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
