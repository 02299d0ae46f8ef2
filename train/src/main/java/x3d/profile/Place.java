package x3d.profile;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Where in the network a node belongs, by the name that {@code x3d.net} gave it: SlowFast's path with / between scopes and the
 * operator at the end, such as {@code s2.pathway0_res0/branch2.a/BatchNormalization/ReduceMean_1}; the gradient of a call
 * has {@code gradient/} and the call's own name before its nodes.
 *
 * @param stage {@code s1} to {@code s5}, {@code head}, {@code loss}, {@code parameters} (the flat vectors: taken apart, put
 *     together)
 * @param layer SlowFast's path, such as {@code s2.pathway0_res0.branch2.a}: the convolution with the norm and activation
 *     after it
 */
record Place(String stage, String layer, Phase phase) {
  /** In the network's order. */
  static final List<String> STAGES =
      List.of("parameters", "s1", "s2", "s3", "s4", "s5", "head", "loss");

  private static final String GRADIENT = "gradient/";

  /** What ONNX Runtime puts before the name of a product that it fused with a sum. */
  private static final String FUSED = "fused ";

  /** Names of nodes outside of all scopes: pieces of flat vectors. */
  private static final Pattern PIECES = Pattern.compile("(Reshape|Concat|Identity|Add)(_\\d+)?");

  private static final Pattern STAGE = Pattern.compile("s[1-5]|head");

  /** Scopes that are modules, below a stage or a block. */
  private static final Set<String> MODULES =
      Set.of("branch1", "branch2.a", "branch2.b", "branch2.c", "branch2.se");

  /** @return empty for a node that did not come from {@code x3d.net}, or whose name a fusion lost */
  static Optional<Place> of(String nodeName) {
    String name = nodeName.startsWith(FUSED) ? nodeName.substring(FUSED.length()) : nodeName;
    Phase phase = name.startsWith(GRADIENT) ? Phase.BACKWARD : Phase.FORWARD;
    String path = phase == Phase.BACKWARD ? name.substring(GRADIENT.length()) : name;
    String[] scopes = path.split("/");
    String first = scopes[0];
    String stage = first.replaceFirst("\\..*", "");
    if (STAGE.matcher(stage).matches()) {
      boolean module = scopes.length > 2 && MODULES.contains(scopes[1]);
      return Optional.of(new Place(stage, module ? first + "." + scopes[1] : first, phase));
    }
    if (first.startsWith("SoftmaxCrossEntropy")) {
      return Optional.of(new Place("loss", "loss", phase));
    }
    if (first.equals("parameters") || first.equals("statistics")) {
      return Optional.of(new Place("parameters", first, phase));
    }
    return PIECES.matcher(path).matches() && phase == Phase.FORWARD
        ? Optional.of(new Place("parameters", "gradients and statistics", Phase.BACKWARD))
        : Optional.empty();
  }
}
