/**
 * X3D: its variants as data, and from one description the inference graph, the training step and
 * what evaluation needs. Knows nothing of runtimes and of video. Start reading at {@link x3d.net.X3D},
 * then {@link x3d.net.TrainingStep}.
 */
package x3d.net;
