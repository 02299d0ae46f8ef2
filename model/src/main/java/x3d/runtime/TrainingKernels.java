package x3d.runtime;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.Arrays;
import java.util.List;

/**
 * Which of ONNX Runtime's fused training operators (domain {@code com.microsoft}) the loaded library computes on a provider: only
 * builds with training have them, and those are dying out. x3d's training step needs none: it can always be written in standard
 * operators, and in these only where they are faster.
 */
public enum TrainingKernels {
  CONV_GRAD("ConvGrad", 3, image(), image(), kernel()),
  BATCH_NORM_INTERNAL(
      "BatchNormInternal", 5, image(), channels(), channels(), channels(), channels()),
  BATCH_NORMALIZATION_GRAD(
      "BatchNormalizationGrad", 3, image(), image(), channels(), channels(), channels()),
  RELU_GRAD("ReluGrad", 1, image(), image()),
  QUICK_GELU_GRAD("QuickGeluGrad", 1, image(), image());

  private static final String DOMAIN = "com.microsoft";
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  private final String operator;
  private final int outputs;
  private final List<long[]> inputs;

  TrainingKernels(String operator, int outputs, long[]... inputs) {
    this.operator = operator;
    this.outputs = outputs;
    this.inputs = List.of(inputs);
  }

  private static long[] image() {
    return new long[] {1, 2, 4, 4};
  }

  private static long[] kernel() {
    return new long[] {2, 2, 1, 1};
  }

  private static long[] channels() {
    return new long[] {2};
  }

  /** What ONNX Runtime calls it. */
  public String operator() {
    return operator;
  }

  /**
   * Those that run on a device, found by asking for a session of each.
   *
   * @throws RuntimeFailure if the device cannot be used here
   */
  public static List<TrainingKernels> of(Device device) {
    device.require();
    return Arrays.stream(values()).filter(kernel -> kernel.isOn(device)).toList();
  }

  private boolean isOn(Device device) {
    try (Session session = Session.open(model(), device)) {
      return session.assignment().summary(device.provider().ortName()).isEmpty();
    } catch (RuntimeFailure e) {
      return false; // no such operator, or none of the provider's
    }
  }

  private byte[] model() {
    NodeProto.Builder node =
        NodeProto.newBuilder().setOpType(operator).setDomain(DOMAIN).setName(operator);
    GraphProto.Builder graph = GraphProto.newBuilder().setName(operator);
    for (int i = 0; i < inputs.size(); i++) {
      graph.addInput(value("in" + i, inputs.get(i)));
      node.addInput("in" + i);
    }
    for (int i = 0; i < outputs; i++) {
      node.addOutput("out" + i);
    }
    if (this == BATCH_NORMALIZATION_GRAD) { // the only one with an attribute that must be there
      node.addAttribute(AttributeProto.newBuilder()
          .setName("epsilon")
          .setType(AttributeProto.AttributeType.FLOAT)
          .setF(1e-5f));
    }
    graph.addNode(node).addOutput(ValueInfoProto.newBuilder().setName("out0"));
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("x3d")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(DOMAIN).setVersion(1))
        .setGraph(graph)
        .build()
        .toByteArray();
  }

  private static ValueInfoProto value(String name, long[] dims) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (long dim : dims) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimValue(dim));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder()
            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(1).setShape(shape)))
        .build();
  }
}
