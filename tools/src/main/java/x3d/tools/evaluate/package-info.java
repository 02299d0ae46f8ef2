/**
 * {@code x3d-tools evaluate}, {@code merge} and {@code compare-reports}: how well a model names a list of videos, as figures and as
 * pages.
 *
 * <p>It asks {@link x3d.classify.Classifier} about videos and counts what came of it; it knows nothing of networks, sessions or
 * FFmpeg. What was seen of a video is an {@link x3d.tools.evaluate.Outcome}; all figures follow from outcomes alone, so that
 * shards, ranks and interrupted runs come to the same. Start reading at {@link x3d.tools.evaluate.EvaluationReport}.
 */
package x3d.tools.evaluate;
