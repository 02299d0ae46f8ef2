/**
 * Trains an X3D network from a folder of videos: recipe in, model file out.
 *
 * <p>Knows nothing of serving, and touches neither ONNX Runtime nor FFmpeg: those lie behind {@code
 * x3d.runtime} and {@code x3d.video}. Start at {@link x3d.train.Trainer} for the loop, at {@link
 * x3d.train.Recipe} for what can be set, and at {@link x3d.train.TrainCommand} for {@code
 * x3d-train}.
 */
package x3d.train;
