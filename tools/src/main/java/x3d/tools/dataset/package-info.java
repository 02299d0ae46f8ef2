/**
 * {@code x3d-tools dataset}: folders of videos become lists that can be trained on, and what is broken or twice in them is
 * named.
 *
 * <p>It reads folders, csv files and what decoding a video finds; it knows nothing of networks. Videos are never
 * changed. Start reading at {@link x3d.tools.dataset.DatasetCommand}.
 */
package x3d.tools.dataset;
