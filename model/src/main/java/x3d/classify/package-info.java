/**
 * A model file plus videos gives probabilities: the multi-view classifier that the tools, validation and the server share.
 *
 * <p>The model file says all that is needed (frames, rate, sizes, mean, class names). This package must not know HTTP,
 * training or the command line. Start reading at {@link x3d.classify.Classifier}.
 */
package x3d.classify;
