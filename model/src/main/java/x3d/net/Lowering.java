package x3d.net;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import x3d.graph.Dim;

/** How a network is spelled in ONNX. Every spelling gives the same numbers. */
public enum Lowering {
  /** 3-D convolutions, grouped. */
  CONV3D {
    @Override
    Spelling spelling(Dim batch, int frames, Purpose purpose, Precision precision) {
      return new Conv3dSpelling(precision);
    }
  },
  /** 2-D convolutions over batch x frames images; temporal taps as shifts. */
  PLANES {
    @Override
    Spelling spelling(Dim batch, int frames, Purpose purpose, Precision precision) {
      return new PlanesSpelling(precision, batch, frames);
    }
  },
  /** Channelwise and fused steps as our own operators, which only the CPU has, and which need the Vector API. */
  KERNELS {
    @Override
    Spelling spelling(Dim batch, int frames, Purpose purpose, Precision precision) {
      if (!takes(precision)) {
        throw new IllegalArgumentException("the lowering kernels computes in float32 only ("
            + Precision.FLOAT32.id() + "): " + precision.id() + " needs conv3d or planes");
      }
      return new KernelsSpelling(purpose);
    }

    @Override
    public boolean takes(Precision precision) {
      return precision == Precision.FLOAT32;
    }
  };

  /** @throws IllegalArgumentException if it does not take the precision */
  abstract Spelling spelling(Dim batch, int frames, Purpose purpose, Precision precision);

  /** Whether a network can be spelled so in this precision. */
  public boolean takes(Precision precision) {
    return true;
  }

  /** The name in options and metadata. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** @throws IllegalArgumentException if there is none of that name */
  public static Lowering of(String id) {
    for (Lowering l : values()) {
      if (l.id().equals(id)) {
        return l;
      }
    }
    String known = Arrays.stream(values()).map(Lowering::id).collect(Collectors.joining(", "));
    throw new IllegalArgumentException("no lowering '" + id + "'; there are: " + known);
  }
}
