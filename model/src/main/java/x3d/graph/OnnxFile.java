package x3d.graph;

import ai.onnx.proto.OnnxMl.AttributeProto;
import ai.onnx.proto.OnnxMl.GraphProto;
import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.NodeProto;
import ai.onnx.proto.OnnxMl.OperatorSetIdProto;
import ai.onnx.proto.OnnxMl.StringStringEntryProto;
import ai.onnx.proto.OnnxMl.TensorProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.TypeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import x3d.number.Float16;

/**
 * A graph with the metadata of its model, as the bytes of an {@code .onnx} file.
 *
 * @param metadata {@code metadata_props} of the model
 */
public record OnnxFile(Graph graph, Map<String, String> metadata) {
  private static final int IR_VERSION = 8;

  public OnnxFile {
    metadata = Map.copyOf(metadata);
  }

  /** The file's bytes, without nodes that no result depends on: equal graphs give equal bytes. */
  public byte[] toBytes() {
    GraphProto.Builder g = GraphProto.newBuilder().setName(graph.name());
    Map<Tensor, String> renamed = graph.outputs();
    graph.inputs().forEach(t -> g.addInput(valueInfo(t.name(), t)));
    renamed.forEach((t, outside) -> g.addOutput(valueInfo(outside, t)));
    // Constants that were only folded into others would make a model file half as large again.
    List<Node> nodes = graph.liveNodes();
    Set<Tensor> used = Collections.newSetFromMap(new IdentityHashMap<>());
    nodes.forEach(node -> used.addAll(node.inputs()));
    graph.initializers().forEach((t, value) -> {
      if (used.contains(t)) {
        g.addInitializer(tensor(t, value));
      }
    });
    for (Node node : nodes) {
      NodeProto.Builder n = NodeProto.newBuilder()
          .setOpType(node.opType())
          .setDomain(node.domain())
          .setName(node.name());
      node.inputs().forEach(t -> n.addInput(renamed.getOrDefault(t, t.name())));
      node.outputs().forEach(t -> n.addOutput(renamed.getOrDefault(t, t.name())));
      new TreeMap<>(node.attributes())
          .forEach((key, value) -> n.addAttribute(attribute(key, value)));
      g.addNode(n);
      node.outputs().stream()
          .filter(t -> !renamed.containsKey(t))
          .forEach(t -> g.addValueInfo(valueInfo(t.name(), t)));
    }
    ModelProto.Builder model = ModelProto.newBuilder()
        .setIrVersion(IR_VERSION)
        .setProducerName("x3d")
        .setGraph(g)
        .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(Graph.OPSET));
    nodes.stream()
        .map(Node::domain)
        .filter(d -> !d.isEmpty())
        .distinct()
        .forEach(d ->
            model.addOpsetImport(OperatorSetIdProto.newBuilder().setDomain(d).setVersion(1)));
    new TreeMap<>(metadata)
        .forEach((key, value) -> model.addMetadataProps(
            StringStringEntryProto.newBuilder().setKey(key).setValue(value)));
    return model.build().toByteArray();
  }

  /** Reads a model whose tensors all have a declared type and shape, as {@link #toBytes} writes them.
   *  @throws GraphException if the bytes are no such model */
  public static OnnxFile fromBytes(byte[] bytes) {
    ModelProto model;
    try {
      model = ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new GraphException("not an ONNX model: " + e.getMessage());
    }
    if (!model.hasGraph() || model.getGraph().getNodeCount() == 0) {
      throw new GraphException("not an ONNX model: it holds no graph");
    }
    GraphProto g = model.getGraph();
    Graph graph = new Graph(g.getName());
    Map<String, Tensor> tensors = new HashMap<>();
    Map<String, ValueInfoProto> declared = new HashMap<>();
    g.getValueInfoList().forEach(v -> declared.put(v.getName(), v));
    g.getOutputList().forEach(v -> declared.put(v.getName(), v));
    g.getInputList()
        .forEach(v -> tensors.put(v.getName(), graph.input(v.getName(), type(v), shape(v))));
    for (TensorProto t : g.getInitializerList()) {
      long[] dims = t.getDimsList().stream().mapToLong(Long::longValue).toArray();
      tensors.put(t.getName(), graph.initializer(t.getName(), Shape.of(dims), constant(t)));
    }
    for (NodeProto n : g.getNodeList()) {
      graph.restore(node(n, graph, tensors, declared));
    }
    for (ValueInfoProto v : g.getOutputList()) {
      graph.restoreOutput(lookup(tensors, v.getName(), "the graph's outputs"), v.getName());
    }
    Map<String, String> metadata = new LinkedHashMap<>();
    model.getMetadataPropsList().forEach(p -> metadata.put(p.getKey(), p.getValue()));
    return new OnnxFile(graph, metadata);
  }

  private static Node node(
      NodeProto n, Graph graph, Map<String, Tensor> tensors, Map<String, ValueInfoProto> declared) {
    List<Tensor> in = new ArrayList<>();
    n.getInputList()
        .forEach(name -> in.add(lookup(tensors, name, n.getOpType() + " '" + n.getName() + "'")));
    List<Tensor> out = new ArrayList<>();
    for (String name : n.getOutputList()) {
      ValueInfoProto v = declared.get(name);
      if (v == null) {
        throw new GraphException(
            "tensor '" + name + "' has no declared shape; models of x3d declare them all");
      }
      Tensor t = new Tensor(graph, name, type(v), shape(v));
      out.add(t);
      tensors.put(name, t);
    }
    Map<String, Attribute> attributes = new LinkedHashMap<>();
    n.getAttributeList().forEach(a -> attributes.put(a.getName(), attribute(a)));
    return new Node(n.getOpType(), n.getDomain(), n.getName(), in, out, attributes);
  }

  private static Tensor lookup(Map<String, Tensor> tensors, String name, String user) {
    Tensor t = tensors.get(name);
    if (t == null) {
      throw new GraphException(
          user + " uses tensor '" + name + "', which nothing before it computes");
    }
    return t;
  }

  private static ValueInfoProto valueInfo(String name, Tensor t) {
    TensorShapeProto.Builder shape = TensorShapeProto.newBuilder();
    for (Dim d : t.shape().dims()) {
      TensorShapeProto.Dimension.Builder dim = TensorShapeProto.Dimension.newBuilder();
      shape.addDim(d.fixed() ? dim.setDimValue(d.size()) : dim.setDimParam(d.symbol()));
    }
    TypeProto.Tensor.Builder type =
        TypeProto.Tensor.newBuilder().setElemType(t.type().onnx()).setShape(shape);
    return ValueInfoProto.newBuilder()
        .setName(name)
        .setType(TypeProto.newBuilder().setTensorType(type))
        .build();
  }

  private static ElementType type(ValueInfoProto v) {
    return ElementType.ofOnnx(v.getType().getTensorType().getElemType());
  }

  private static Shape shape(ValueInfoProto v) {
    List<Dim> dims = new ArrayList<>();
    for (TensorShapeProto.Dimension d : v.getType().getTensorType().getShape().getDimList()) {
      dims.add(d.hasDimParam() ? Dim.of(d.getDimParam()) : Dim.of(d.getDimValue()));
    }
    return new Shape(dims);
  }

  private static TensorProto tensor(Tensor t, Constant value) {
    TensorProto.Builder p =
        TensorProto.newBuilder().setName(t.name()).setDataType(t.type().onnx());
    t.shape().dims().forEach(d -> p.addDims(d.size()));
    ByteBuffer raw =
        ByteBuffer.allocate(value.size() * t.type().bytes()).order(ByteOrder.LITTLE_ENDIAN);
    switch (t.type()) {
      case FLOAT -> raw.asFloatBuffer().put(value.floats());
      case FLOAT16 -> {
        for (float number : value.floats()) {
          raw.putShort(Float16.of(number));
        }
      }
      case INT64 -> raw.asLongBuffer().put(value.longs());
      case DOUBLE -> raw.asDoubleBuffer().put(value.doubles());
      case BOOL -> throw new GraphException("boolean initializers are not supported");
    }
    return p.setRawData(ByteString.copyFrom(raw.rewind())).build();
  }

  private static Constant constant(TensorProto t) {
    ByteBuffer raw = ByteBuffer.wrap(t.getRawData().toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
    switch (ElementType.ofOnnx(t.getDataType())) {
      case FLOAT -> {
        float[] values = new float[raw.remaining() / 4];
        raw.asFloatBuffer().get(values);
        return Constant.of(values);
      }
      case FLOAT16 -> {
        float[] values = new float[raw.remaining() / 2];
        for (int i = 0; i < values.length; i++) {
          values[i] = Float16.toFloat(raw.getShort());
        }
        return new Constant(ElementType.FLOAT16, values, null, null);
      }
      case INT64 -> {
        long[] values = new long[raw.remaining() / 8];
        raw.asLongBuffer().get(values);
        return Constant.of(values);
      }
      case DOUBLE -> {
        double[] values = new double[raw.remaining() / 8];
        raw.asDoubleBuffer().get(values);
        return Constant.of(values);
      }
      default ->
        throw new GraphException("initializer '" + t.getName() + "' has an unsupported type");
    }
  }

  private static AttributeProto attribute(String key, Attribute value) {
    AttributeProto.Builder a = AttributeProto.newBuilder().setName(key);
    if (value instanceof Attribute.Int i) {
      a.setType(AttributeProto.AttributeType.INT).setI(i.value());
    } else if (value instanceof Attribute.Float f) {
      a.setType(AttributeProto.AttributeType.FLOAT).setF(f.value());
    } else if (value instanceof Attribute.Text s) {
      a.setType(AttributeProto.AttributeType.STRING).setS(ByteString.copyFromUtf8(s.value()));
    } else if (value instanceof Attribute.Ints list) {
      a.setType(AttributeProto.AttributeType.INTS).addAllInts(list.values());
    }
    return a.build();
  }

  private static Attribute attribute(AttributeProto a) {
    return switch (a.getType()) {
      case INT -> Attribute.of(a.getI());
      case FLOAT -> Attribute.of(a.getF());
      case STRING -> Attribute.of(a.getS().toStringUtf8());
      case INTS -> new Attribute.Ints(a.getIntsList());
      default ->
        throw new GraphException(
            "attribute '" + a.getName() + "' of type " + a.getType() + " is not supported");
    };
  }
}
