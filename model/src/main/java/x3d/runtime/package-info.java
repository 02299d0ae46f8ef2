/**
 * The only package that touches ONNX Runtime's bindings: devices, sessions and their buffers. Knows
 * nothing of X3D and of video. Start reading at {@link x3d.runtime.Session}.
 */
package x3d.runtime;
