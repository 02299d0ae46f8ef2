package x3d.tools.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import x3d.kernel.MachinePeak;
import x3d.net.X3DConfig;

/**
 * The operations and the memory traffic that a network needs, however it is spelled. Convolutions are those of its inference
 * graph; from each follows what goes with it:
 *
 * <ul>
 *   <li>a convolution reads input and weights and writes its output; so do, in training, its gradient by input (the first has
 *       none) and by weights;
 *   <li>batch norm with its relu: in training forward two reads (the mean comes first) and a write, backward two reads each of
 *       input and gradient and a write; at inference nothing, being folded;
 *   <li>swish: forward a read and a write, backward two reads and a write; with squeeze-excitation before it a read more for
 *       the mean and two for the gate's gradient;
 *   <li>the residual sum with its relu: two reads and a write, forward and backward.
 * </ul>
 *
 * @param operations each with its own bound
 */
record Roofline(List<Operation> operations) {
  Roofline {
    operations = List.copyOf(operations);
  }

  /** What is computed. */
  enum Kind {
    POINTWISE,
    CHANNELWISE,
    /** Over all channels and several places at once: the stem's 1x3x3, and every 3x3x3 of the dense network. */
    DENSE,
    ELEMENTWISE,
    HEAD;

    String words() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** One operation, forward or backward. */
  record Operation(String stage, Kind kind, double flops, double bytes) {
    double seconds(MachinePeak peak) {
      return Math.max(flops / peak.flopsPerSecond(), bytes / peak.bytesPerSecond());
    }
  }

  /** The operations of one stage and kind together. */
  record Row(String stage, Kind kind, List<Operation> operations) {
    double flops() {
      return operations.stream().mapToDouble(Operation::flops).sum();
    }

    double bytes() {
      return operations.stream().mapToDouble(Operation::bytes).sum();
    }

    /** The least time: of each operation the longer of computing and of moving, summed. */
    double seconds(MachinePeak peak) {
      return operations.stream().mapToDouble(o -> o.seconds(peak)).sum();
    }

    Map<String, Object> fields(MachinePeak peak) {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("stage", stage);
      fields.put("kind", kind == null ? "all" : kind.words());
      fields.put("flops", flops());
      fields.put("bytes", bytes());
      fields.put("leastMillis", 1e3 * seconds(peak));
      return fields;
    }
  }

  /** One clip with trained weights. */
  static Roofline inference(X3DConfig config) {
    List<Operation> all = new ArrayList<>();
    for (Layer layer : Layer.of(config)) {
      all.add(layer.pass(1));
      all.add(layer.inferenceAfter());
    }
    return new Roofline(all);
  }

  /** One training step. */
  static Roofline training(X3DConfig config, int batch) {
    List<Operation> all = new ArrayList<>();
    for (Layer layer : Layer.of(config)) {
      int passes = layer.first() ? 2 : 3; // forward, by weights, by input
      for (int i = 0; i < passes; i++) {
        all.add(layer.pass(batch));
      }
      all.add(layer.trainingAfter(batch));
    }
    return new Roofline(all);
  }

  /** Multiplications with addition in one forward pass of one clip. Only of {@link #inference}. */
  long macs() {
    return (long) operations.stream()
        .filter(o -> o.kind != Kind.ELEMENTWISE)
        .mapToDouble(o -> o.flops / 2)
        .sum();
  }

  /** By stage, then kind; in the order of the network. */
  List<Row> rows() {
    Map<String, List<Operation>> groups = new LinkedHashMap<>();
    operations.stream()
        .filter(o -> o.bytes > 0)
        .forEach(o -> groups
            .computeIfAbsent(o.stage + " " + o.kind, key -> new ArrayList<>())
            .add(o));
    return groups.values().stream()
        .map(group -> new Row(group.get(0).stage, group.get(0).kind, group))
        .toList();
  }

  Row total() {
    return new Row("all", null, operations);
  }

  List<Map<String, Object>> fields(MachinePeak peak) {
    List<Map<String, Object>> fields = new ArrayList<>();
    rows().forEach(row -> fields.add(row.fields(peak)));
    fields.add(total().fields(peak));
    return fields;
  }
}
