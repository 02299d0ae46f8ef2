package x3d.graph;

import java.util.List;

/** What computes tensors from tensors: an operator, or a function made of several. */
public sealed interface Call permits Node, Function {
  /** The operator's or function's name; differentiation finds its rule by it. */
  String kind();

  String name();

  List<Tensor> inputs();

  List<Tensor> outputs();

  default Tensor input(int i) {
    return inputs().get(i);
  }

  default Tensor output(int i) {
    return outputs().get(i);
  }
}
