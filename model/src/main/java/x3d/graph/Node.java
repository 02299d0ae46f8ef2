package x3d.graph;

import java.util.List;
import java.util.Map;

/**
 * One call of an ONNX operator.
 *
 * @param domain the operator's domain, empty for standard ONNX
 * @param name unique in its graph; begins with the path of the module that built it
 */
public record Node(
    String opType,
    String domain,
    String name,
    List<Tensor> inputs,
    List<Tensor> outputs,
    Map<String, Attribute> attributes)
    implements Call {
  public Node {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    attributes = Map.copyOf(attributes);
  }

  @Override
  public String kind() {
    return domain.isEmpty() ? opType : domain + "." + opType;
  }

  public long integer(String attribute, long otherwise) {
    return attributes.get(attribute) instanceof Attribute.Int a ? a.value() : otherwise;
  }

  public long[] integers(String attribute) {
    if (attributes.get(attribute) instanceof Attribute.Ints a) {
      return a.toArray();
    }
    throw new GraphException(opType + " '" + name + "' has no list attribute " + attribute);
  }
}
