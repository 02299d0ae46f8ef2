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
      return new Conv3dSpelling(precision, Vocabulary.STANDARD);
    }
  },
  /** 2-D convolutions over batch x frames images; temporal taps as shifts. */
  PLANES {
    @Override
    Spelling spelling(Dim batch, int frames, Purpose purpose, Precision precision) {
      return new PlanesSpelling(precision, Vocabulary.STANDARD, batch, frames);
    }

    @Override
    public Lowering exported() {
      return PLANES;
    }

    @Override
    public boolean takesAnySize() {
      return false;
    }
  },
  /**
   * {@link #CONV3D}, whose training steps have ONNX Runtime's own operators for gradients: builds with training have them. Not
   * for the CPU, where the gradient of 3-D convolutions in groups writes beyond its memory (1.24.1).
   */
  CONV3D_FUSED {
    @Override
    Spelling spelling(Dim batch, int frames, Purpose purpose, Precision precision) {
      return new Conv3dSpelling(precision, purpose.vocabulary());
    }
  },
  /** {@link #PLANES} likewise. */
  PLANES_FUSED {
    @Override
    Spelling spelling(Dim batch, int frames, Purpose purpose, Precision precision) {
      return new PlanesSpelling(precision, purpose.vocabulary(), batch, frames);
    }

    @Override
    public Lowering exported() {
      return PLANES;
    }

    @Override
    public boolean takesAnySize() {
      return false;
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

  /** The same in standard operators, which run anywhere: what model files are spelled in. */
  public Lowering exported() {
    return CONV3D;
  }

  /** Whether an inference graph takes clips of any height and width. */
  public boolean takesAnySize() {
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
