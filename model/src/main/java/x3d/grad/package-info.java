/**
 * Reverse-mode differentiation of a {@link x3d.graph.Graph}: one rule an operator, each emitting ONNX
 * operators. Knows nothing of X3D and of runtimes. Start reading at {@link x3d.grad.Gradients}.
 */
package x3d.grad;
