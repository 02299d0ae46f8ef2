package x3d.net;

import static x3d.graph.Elementwise.div;
import static x3d.graph.Elementwise.mul;
import static x3d.graph.Elementwise.scale;
import static x3d.graph.Elementwise.shift;
import static x3d.graph.Elementwise.sqrt;
import static x3d.graph.Elementwise.sub;
import static x3d.graph.Movement.concat;
import static x3d.graph.Movement.reshape;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import x3d.graph.Movement;
import x3d.graph.Shape;
import x3d.graph.Tensor;
import x3d.weights.ParameterLayout;

/** Modules whose numbers are inputs of the graph: flat parameters, and flat statistics or the batch's own, stage by stage. */
final class FlatModules implements Modules {
  /**
   * Into how many vectors one node cuts, and of how many it joins. For each number ONNX Runtime's CUDA kernels look for the vector that
   * it belongs to, one after the other: on an H200 the 316 parameters of X3D-S, 15 MB, took 15 ms to cut and 23 ms to join at once.
   */
  private static final int PARTS = 16;

  private final X3D net;
  private final Set<String> settled;
  private final Map<String, Tensor> pieces;
  private final Map<String, Tensor> running;
  private final Map<String, Tensor> measured = new LinkedHashMap<>();

  /**
   * @param statistics [S]; null if no stage normalises by them
   * @param settled stages that normalise by these statistics; the others by the batch's own
   */
  FlatModules(X3D net, Tensor parameters, Tensor statistics, Set<String> settled) {
    this.net = net;
    this.settled = settled;
    this.pieces = split(parameters, net.parameters());
    this.running = statistics == null ? Map.of() : split(statistics, net.statistics());
  }

  private static Map<String, Tensor> split(Tensor flat, ParameterLayout layout) {
    long[] sizes =
        layout.slices().stream().mapToLong(ParameterLayout.Slice::length).toArray();
    List<Tensor> parts = flat.graph().scope(flat.name(), () -> apart(flat, sizes));
    Map<String, Tensor> byName = new LinkedHashMap<>();
    for (int i = 0; i < sizes.length; i++) {
      byName.put(layout.slices().get(i).name(), parts.get(i));
    }
    return byName;
  }

  /** In two steps, for {@link #PARTS}. */
  private static List<Tensor> apart(Tensor flat, long[] sizes) {
    List<long[]> groups = new ArrayList<>();
    for (int i = 0; i < sizes.length; i += PARTS) {
      groups.add(Arrays.copyOfRange(sizes, i, Math.min(sizes.length, i + PARTS)));
    }
    List<Tensor> ranges = Movement.split(
        flat, 0, groups.stream().mapToLong(g -> Arrays.stream(g).sum()).toArray());
    List<Tensor> parts = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      parts.addAll(Movement.split(ranges.get(i), 0, groups.get(i)));
    }
    return parts;
  }

  /** Likewise. */
  private static Tensor together(List<Tensor> parts) {
    List<Tensor> ranges = new ArrayList<>();
    for (int i = 0; i < parts.size(); i += PARTS) {
      ranges.add(concat(parts.subList(i, Math.min(parts.size(), i + PARTS)), 0));
    }
    return concat(ranges, 0);
  }

  /** Slices of the flat parameters by name, in their order, as they come out of the split. */
  Map<String, Tensor> pieces() {
    return Collections.unmodifiableMap(pieces);
  }

  /** Vectors in the order of the flat parameters as one, with zeros for those that are not among them. */
  Tensor flat(Map<String, Tensor> vectors) {
    List<Tensor> parts = new ArrayList<>();
    List<Tensor> absent = new ArrayList<>();
    pieces.forEach((name, piece) -> {
      if (!vectors.containsKey(name)) {
        absent.add(piece);
        return;
      }
      zeros(absent, parts);
      parts.add(vectors.get(name));
    });
    zeros(absent, parts);
    return together(parts);
  }

  /** Of parameters, for a node of constants alone is one that some providers refuse. */
  private static void zeros(List<Tensor> absent, List<Tensor> parts) {
    if (!absent.isEmpty()) {
      parts.add(scale(concat(absent, 0), 0));
      absent.clear();
    }
  }

  @Override
  public Tensor weight(String name) {
    int[] shape = net.parameters().slice(name).spec().shape();
    return reshape(pieces.get(name), Arrays.stream(shape).asLongStream().toArray());
  }

  @Override
  public Activation convNorm(
      Spelling spelling, Activation x, String conv, String norm, int stride, long groups) {
    Tensor w = weight(conv + ".weight");
    Tensor gamma = weight(norm + ".weight");
    Tensor beta = weight(norm + ".bias");
    if (!settled.contains(X3D.stage(norm))) {
      Activation y = spelling.conv(x, w, null, stride, groups);
      Spelling.Normalized normalized = spelling.normalize(y, gamma, beta, X3D.BN_EPSILON);
      measured.put(norm + ".running_mean", normalized.mean());
      measured.put(norm + ".running_var", normalized.variance());
      return normalized.y();
    }
    Tensor factor = div(gamma, sqrt(shift(running.get(norm + ".running_var"), X3D.BN_EPSILON)));
    Tensor bias = sub(beta, mul(running.get(norm + ".running_mean"), factor));
    Tensor folded = mul(w, reshape(factor, factor.shape().size(0), 1, 1, 1, 1));
    return spelling.conv(x, folded, bias, stride, groups);
  }

  /** The batch's statistics, flat, in the order of {@link X3D#statistics()}; those given for stages that normalise by them. */
  Tensor measured() {
    List<Tensor> flat = new ArrayList<>();
    for (ParameterLayout.Slice slice : net.statistics().slices()) {
      boolean given = settled.contains(X3D.stage(slice.name()));
      Tensor values = (given ? running : measured).get(slice.name());
      flat.add(reshape(values, Shape.of(slice.length())));
    }
    return together(flat);
  }
}
