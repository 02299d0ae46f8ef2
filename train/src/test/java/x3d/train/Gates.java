package x3d.train;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.HashMap;
import java.util.Map;

/**
 * Which elements each {@code Relu} of a training step lets through. A network with them fixed has a gradient that does
 * not jump, so the gradients of two precisions can be held against each other even where rounding takes an element from
 * one side of zero to the other.
 */
final class Gates {
  static final String PREFIX = "gate/";

  private Gates() {}

  /** The same step with a further output for each Relu, 1 where it lets through, else 0, named after it. */
  static byte[] shown(byte[] onnx) {
    ModelProto.Builder model = parse(onnx).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    Map<String, TensorShapeProto> shapes = shapes(graph);
    for (NodeProto node : parse(onnx).getGraph().getNodeList()) {
      if (node.getOpType().equals("Relu")) {
        String gate = PREFIX + node.getName();
        graph.addNode(node("Sign", gate + "/sign", node.getOutput(0)));
        graph.addNode(node("Cast", gate, gate + "/sign")
            .addAttribute(AttributeProto.newBuilder()
                .setName("to")
                .setType(AttributeProto.AttributeType.INT)
                .setI(TensorProto.DataType.FLOAT_VALUE)));
        graph.addOutput(value(gate, shapes.get(node.getOutput(0))));
      }
    }
    return model.build().toByteArray();
  }

  /** The same step in float32 with an input in place of each Relu's choice. */
  static byte[] given(byte[] onnx) {
    ModelProto.Builder model = parse(onnx).toBuilder();
    GraphProto.Builder graph = model.getGraphBuilder();
    Map<String, TensorShapeProto> shapes = shapes(graph);
    Map<String, String> gates = new HashMap<>();
    for (int i = 0; i < graph.getNodeCount(); i++) {
      NodeProto node = graph.getNode(i);
      if (node.getOpType().equals("Relu")) {
        String gate = PREFIX + node.getName();
        gates.put(node.getOutput(0), gate);
        graph.addInput(value(gate, shapes.get(node.getOutput(0))));
        graph.setNode(i, node.toBuilder().setOpType("Mul").addInput(gate));
      } else if (node.getOpType().equals("Sign") && gates.containsKey(node.getInput(0))) {
        graph.setNode(
            i, node.toBuilder().setOpType("Identity").setInput(0, gates.get(node.getInput(0))));
      }
    }
    return model.build().toByteArray();
  }

  private static ModelProto parse(byte[] onnx) {
    try {
      return ModelProto.parseFrom(onnx);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static Map<String, TensorShapeProto> shapes(GraphProto.Builder graph) {
    Map<String, TensorShapeProto> shapes = new HashMap<>();
    graph
        .getValueInfoList()
        .forEach(v -> shapes.put(v.getName(), v.getType().getTensorType().getShape()));
    return shapes;
  }

  private static NodeProto.Builder node(String opType, String output, String input) {
    return NodeProto.newBuilder()
        .setOpType(opType)
        .setName(output)
        .addInput(input)
        .addOutput(output);
  }

  private static ValueInfoProto value(String name, TensorShapeProto shape) {
    TypeProto.Tensor.Builder type = TypeProto.Tensor.newBuilder()
        .setElemType(TensorProto.DataType.FLOAT_VALUE)
        .setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }
}
