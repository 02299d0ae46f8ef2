/**
 * Writes scalars as TensorBoard reads them: event files of records with checksums around {@code Event} messages. Knows nothing of
 * what is measured. Start at {@link x3d.tensorboard.EventFile}.
 */
package x3d.tensorboard;
