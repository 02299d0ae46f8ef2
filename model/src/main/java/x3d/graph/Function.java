package x3d.graph;

import java.util.List;
import java.util.Map;

/**
 * Several nodes that compute one thing known by one name, such as batch normalisation. Whoever walks
 * the graph may take the function as a whole instead of its nodes.
 *
 * @param saved inner tensors that others may use, such as the batch's mean
 * @param numbers constants of the function, such as the count of elements averaged
 * @param first index of its first node in {@link Graph#nodes()}
 * @param end index after its last node
 */
public record Function(
    String kind,
    String name,
    List<Tensor> inputs,
    List<Tensor> outputs,
    List<Tensor> saved,
    Map<String, Double> numbers,
    int first,
    int end)
    implements Call {
  public Function {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    saved = List.copyOf(saved);
    numbers = Map.copyOf(numbers);
  }

  public double number(String key) {
    return numbers.get(key);
  }
}
