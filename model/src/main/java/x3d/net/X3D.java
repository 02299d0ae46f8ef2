package x3d.net;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.weights.Initialization;
import x3d.weights.ParameterLayout;
import x3d.weights.ParameterSpec;

/**
 * The modules of one X3D with their channels, in SlowFast's order and under SlowFast's names.
 * SlowFast, {@code slowfast/models/video_model_builder.py}, class X3D.
 */
public final class X3D {
  static final double BN_EPSILON = 1e-5;
  static final String STEM = "s1.pathway0_stem";

  /** SlowFast's names of the network's parts, from the clips to the classes; every tensor's name begins with one and a dot. */
  public static final List<String> STAGES = List.of("s1", "s2", "s3", "s4", "s5", "head");

  /** Depths of the four stages before the depth factor. */
  private static final int[] DEPTHS = {1, 2, 5, 3};

  private static final double SE_RATIO = 0.0625;

  /**
   * A residual block.
   *
   * @param inner channels of the bottleneck
   * @param stride of the spatial axes
   * @param squeeze channels of the squeeze-and-excitation's bottleneck; 0 without one
   */
  record Block(String name, int in, int inner, int out, int stride, int squeeze) {
    boolean shortcut() {
      return in != out || stride != 1;
    }
  }

  private final X3DConfig config;
  private final int stem;
  private final List<Block> blocks;
  private final ParameterLayout parameters;
  private final ParameterLayout statistics;
  private final Map<String, String> norms = new LinkedHashMap<>();

  public X3D(X3DConfig config) {
    this.config = config;
    this.stem = scaled(config.dimC1(), config.widthFactor());
    this.blocks = blocks(config, stem);
    List<ParameterSpec> specs = new ArrayList<>();
    List<ParameterSpec> running = new ArrayList<>();
    describe(specs, running);
    this.parameters = new ParameterLayout(specs);
    this.statistics = new ParameterLayout(running);
  }

  /** The one of {@link #STAGES} that a tensor belongs to. */
  public static String stage(String name) {
    return name.substring(0, name.indexOf('.'));
  }

  public X3DConfig config() {
    return config;
  }

  /** Where each weight lies in the flat parameters. */
  public ParameterLayout parameters() {
    return parameters;
  }

  /** Where each running mean and variance lies in the flat statistics. */
  public ParameterLayout statistics() {
    return statistics;
  }

  /** Each convolution that is normalised, and its batch normalisation. */
  Map<String, String> norms() {
    return Collections.unmodifiableMap(norms);
  }

  int stem() {
    return stem;
  }

  List<Block> blocks() {
    return blocks;
  }

  private static List<Block> blocks(X3DConfig config, int stem) {
    List<Block> blocks = new ArrayList<>();
    int[] widths = stageWidths(config.dimC1(), config.widthFactor());
    int[] depths = depths(config.depthFactor());
    int in = stem;
    for (int stage = 0; stage < depths.length; stage++) {
      int out = widths[stage];
      int inner = (int) (config.bottleneckFactor() * out);
      for (int i = 0; i < depths[stage]; i++) {
        int squeeze = i % 2 == 0 ? rounded(inner, SE_RATIO) : 0;
        blocks.add(new Block(
            "s" + (stage + 2) + ".pathway0_res" + i, in, inner, out, i == 0 ? 2 : 1, squeeze));
        in = out;
      }
    }
    return List.copyOf(blocks);
  }

  /** Blocks of each stage. */
  static int[] depths(double factor) {
    return Arrays.stream(DEPTHS).map(d -> (int) Math.ceil(factor * d)).toArray();
  }

  /** Channels between the blocks of each stage. */
  static int[] stageWidths(int dimC1, double factor) {
    int[] widths = new int[DEPTHS.length];
    int dim = dimC1;
    for (int stage = 0; stage < widths.length; stage++) {
      widths[stage] = scaled(dim, factor);
      dim = rounded(dim, 2);
    }
    return widths;
  }

  static int scaled(int channels, double factor) {
    return Math.max(1, (int) (channels * factor + 0.5));
  }

  /** SlowFast's {@code round_width}: a multiple of 8, at least 90% of the exact width. */
  private static int rounded(int channels, double factor) {
    double width = channels * factor;
    int out = Math.max(8, (int) (width + 4) / 8 * 8);
    return out < 0.9 * width ? out + 8 : out;
  }

  private void describe(List<ParameterSpec> specs, List<ParameterSpec> running) {
    conv(specs, STEM + ".conv_xy", stem, 3, 1, 3, 3);
    conv(specs, STEM + ".conv", stem, config.channelwise() ? 1 : stem, 5, 1, 1);
    norm(specs, running, STEM + ".bn", stem, Initialization.ONE);
    for (Block b : blocks) {
      if (b.shortcut()) {
        conv(specs, b.name() + ".branch1", b.out(), b.in(), 1, 1, 1);
        norm(specs, running, b.name() + ".branch1_bn", b.out(), Initialization.ONE);
      }
      String branch = b.name() + ".branch2";
      conv(specs, branch + ".a", b.inner(), b.in(), 1, 1, 1);
      norm(specs, running, branch + ".a_bn", b.inner(), Initialization.ONE);
      conv(specs, branch + ".b", b.inner(), config.channelwise() ? 1 : b.inner(), 3, 3, 3);
      norm(specs, running, branch + ".b_bn", b.inner(), Initialization.ONE);
      if (b.squeeze() > 0) {
        conv(specs, branch + ".se.fc1", b.squeeze(), b.inner(), 1, 1, 1);
        bias(specs, branch + ".se.fc1", b.squeeze());
        conv(specs, branch + ".se.fc2", b.inner(), b.squeeze(), 1, 1, 1);
        bias(specs, branch + ".se.fc2", b.inner());
      }
      conv(specs, branch + ".c", b.out(), b.inner(), 1, 1, 1);
      norm(specs, running, branch + ".c_bn", b.out(), Initialization.ZERO);
    }
    Block last = blocks.get(blocks.size() - 1);
    conv(specs, "head.conv_5", last.inner(), last.out(), 1, 1, 1);
    norm(specs, running, "head.conv_5_bn", last.inner(), Initialization.ONE);
    conv(specs, "head.lin_5", config.dimC5(), last.inner(), 1, 1, 1);
    specs.add(new ParameterSpec(
        "head.projection.weight",
        new int[] {config.numClasses(), config.dimC5()},
        Initialization.CLASSIFIER_NORMAL,
        false));
    bias(specs, "head.projection", config.numClasses());
  }

  private static void conv(List<ParameterSpec> specs, String name, int... shape) {
    specs.add(new ParameterSpec(name + ".weight", shape, Initialization.MSRA_FAN_OUT, false));
  }

  private static void bias(List<ParameterSpec> specs, String name, int channels) {
    specs.add(new ParameterSpec(name + ".bias", new int[] {channels}, Initialization.ZERO, false));
  }

  private void norm(
      List<ParameterSpec> specs,
      List<ParameterSpec> running,
      String name,
      int channels,
      Initialization gamma) {
    int[] shape = {channels};
    String conv = specs.get(specs.size() - 1).name();
    norms.put(conv.substring(0, conv.length() - ".weight".length()), name);
    specs.add(new ParameterSpec(name + ".weight", shape, gamma, true));
    specs.add(new ParameterSpec(name + ".bias", shape, Initialization.ZERO, true));
    running.add(new ParameterSpec(name + ".running_mean", shape, Initialization.ZERO, true));
    running.add(new ParameterSpec(name + ".running_var", shape, Initialization.ONE, true));
  }
}
