/**
 * Video files in, clips out: the only package that touches FFmpeg.
 *
 * <p>It opens and probes a file, decodes the frames that the clips need, upright and as RGB, chooses clips as SlowFast
 * does and scales, crops and normalises them. It writes small videos too. It knows nothing of graphs, weights or
 * runtimes: what leaves it is bytes and floats.
 *
 * <p>Start reading at {@link x3d.video.Video}, then {@link x3d.video.TemporalSampling} (which frames) and
 * {@link x3d.video.ClipTransform} (which pixels). What can be wrong with a file is {@link x3d.video.VideoException}.
 */
package x3d.video;
