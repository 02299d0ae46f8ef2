package x3d.weights;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** PyTorchVideo's names ({@code create_x3d}) as SlowFast's ({@code video_model_builder.X3D}), beginning by beginning. */
final class CheckpointNames {
  private record Beginning(String theirs, String ours) {}

  /** Wrappers that put their own attribute in front: DataParallel, and the Lightning module of PyTorchVideo's trainer. */
  private static final List<String> WRAPPERS = List.of("module.", "model.");

  private static final List<Beginning> OUTSIDE = List.of(
      // PyTorchVideo passes the spatial convolution as conv_t and the temporal one as conv_xy
      new Beginning("blocks.0.conv.conv_t.", "s1.pathway0_stem.conv_xy."),
      new Beginning("blocks.0.conv.conv_xy.", "s1.pathway0_stem.conv."),
      new Beginning("blocks.0.norm.", "s1.pathway0_stem.bn."),
      new Beginning("blocks.5.pool.pre_conv.", "head.conv_5."),
      new Beginning("blocks.5.pool.pre_norm.", "head.conv_5_bn."),
      new Beginning("blocks.5.pool.post_conv.", "head.lin_5."),
      new Beginning("blocks.5.pool.post_norm.", "head.lin_5_bn."),
      new Beginning("blocks.5.proj.", "head.projection."));

  private static final List<Beginning> INSIDE = List.of(
      new Beginning("branch1_conv.", "branch1."),
      new Beginning("branch1_norm.", "branch1_bn."),
      new Beginning("branch2.conv_a.", "branch2.a."),
      new Beginning("branch2.norm_a.", "branch2.a_bn."),
      new Beginning("branch2.conv_b.", "branch2.b."),
      new Beginning("branch2.norm_b.0.", "branch2.b_bn."),
      new Beginning("branch2.norm_b.1.block.1.", "branch2.se.fc1."),
      new Beginning("branch2.norm_b.1.block.3.", "branch2.se.fc2."),
      new Beginning("branch2.conv_c.", "branch2.c."),
      new Beginning("branch2.norm_c.", "branch2.c_bn."));

  private static final Pattern RES_BLOCK =
      Pattern.compile("blocks\\.([1-4])\\.res_blocks\\.(\\d+)\\.(.+)");

  private CheckpointNames() {}

  /** Without the prefixes of wrappers. */
  static String unwrapped(String name) {
    String rest = name;
    for (String wrapper : WRAPPERS) {
      while (rest.startsWith(wrapper)) {
        rest = rest.substring(wrapper.length());
      }
    }
    return rest;
  }

  static boolean pytorchVideo(String name) {
    return name.startsWith("blocks.");
  }

  /** SlowFast's name; a name that is not known stays as it is, and shows up as unexpected when it is loaded. */
  static String slowFast(String name) {
    Matcher block = RES_BLOCK.matcher(name);
    if (block.matches()) {
      int stage = Integer.parseInt(block.group(1)) + 1;
      String inside = translated(block.group(3), INSIDE);
      return inside == null ? name : "s" + stage + ".pathway0_res" + block.group(2) + "." + inside;
    }
    String outside = translated(name, OUTSIDE);
    return outside == null ? name : outside;
  }

  private static String translated(String name, List<Beginning> beginnings) {
    for (Beginning beginning : beginnings) {
      if (name.startsWith(beginning.theirs())) {
        return beginning.ours() + name.substring(beginning.theirs().length());
      }
    }
    return null;
  }
}
