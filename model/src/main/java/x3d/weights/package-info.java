/**
 * Named tensors, and where they lie in the flat vectors that training, export and serving exchange.
 *
 * <p>Knows SlowFast's parameter names and the file formats that carry them (safetensors, PyTorch checkpoints), not the
 * insides of any graph, nor how X3D is put together: the network hands its {@link x3d.weights.ParameterLayout} down.
 *
 * <p>Start with {@link x3d.weights.Weights}; files come in through {@link x3d.weights.Safetensors} and {@link
 * x3d.weights.PytorchCheckpoint}, and {@link x3d.weights.LoadReport} puts them into a layout.
 */
package x3d.weights;
