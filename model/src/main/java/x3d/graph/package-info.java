/**
 * An ONNX graph being built: typed tensors with static shapes, one function an operator, each with
 * its shape rule; written to and read from {@code .onnx} files. Knows nothing of differentiation and
 * nothing of X3D. Start reading at {@link x3d.graph.Graph}, then any operator, such as
 * {@link x3d.graph.Elementwise#add}.
 */
package x3d.graph;
