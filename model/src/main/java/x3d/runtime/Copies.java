package x3d.runtime;

import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import java.util.HashMap;
import java.util.Map;

/**
 * Copies between the host and a device by running Identity there: ONNX Runtime brings what is bound to where it is bound, with
 * any provider.
 */
final class Copies implements AutoCloseable {
  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;

  private final Device device;
  private final Map<String, Session> sessions = new HashMap<>();

  Copies(Device device) {
    this.device = device;
  }

  synchronized void copy(RuntimeTensor from, RuntimeTensor to) {
    int rank = from.shape().length;
    Session session = sessions.computeIfAbsent(
        from.type() + "/" + rank, key -> Session.open(identity(from.type(), rank), device));
    session.run(Map.of("from", from), Map.of("to", to));
  }

  /** ONNX counts element types as ONNX Runtime does. */
  private static byte[] identity(int type, int rank) {
    return ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("x3d")
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(OPSET))
        .setGraph(GraphProto.newBuilder()
            .setName("copy")
            .addInput(value("from", type, rank))
            .addOutput(value("to", type, rank))
            .addNode(NodeProto.newBuilder()
                .setOpType("Identity")
                .setName("copy")
                .addInput("from")
                .addOutput("to")))
        .build()
        .toByteArray();
  }

  private static ValueInfoProto value(String name, int type, int rank) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (int i = 0; i < rank; i++) {
      shape.addDim(TensorShapeProto.Dimension.newBuilder().setDimParam("d" + i));
    }
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder()
            .setTensorType(TypeProto.Tensor.newBuilder().setElemType(type).setShape(shape)))
        .build();
  }

  @Override
  public synchronized void close() {
    sessions.values().forEach(Session::close);
    sessions.clear();
  }
}
