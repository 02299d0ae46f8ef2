package x3d.net;

/** The named sizes of X3D with SlowFast's factors. */
public enum Variant {
  XS(1.1, 4, 12, 160),
  S(2.2, 13, 6, 160),
  M(2.2, 16, 5, 224),
  L(5.0, 16, 5, 312);

  private final double depthFactor;
  private final int numFrames;
  private final int samplingRate;
  private final int crop;

  Variant(double depthFactor, int numFrames, int samplingRate, int crop) {
    this.depthFactor = depthFactor;
    this.numFrames = numFrames;
    this.samplingRate = samplingRate;
    this.crop = crop;
  }

  public X3DConfig config(int numClasses) {
    return new X3DConfig(2.0, depthFactor, 2.25, 12, 2048, numClasses, numFrames, crop, true);
  }

  /** Frames from one frame of a clip to the next. */
  public int samplingRate() {
    return samplingRate;
  }

  /** The name of the variant with these factors, such as {@code X3D-S}; {@code X3D} for any other. */
  public static String nameOf(X3DConfig config) {
    for (Variant v : values()) {
      if (v.config(config.numClasses()).equals(config)) {
        return "X3D-" + v.name();
      }
    }
    return "X3D";
  }
}
