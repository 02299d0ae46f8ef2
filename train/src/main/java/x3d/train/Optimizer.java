package x3d.train;

import x3d.runtime.RuntimeTensor;

/**
 * What turns the gradients of a rank's replicas into new parameters. It owns both: replicas read and write its tensors.
 *
 * <p>An update is {@link #accumulate} after each micro-batch, {@link #settle}, and {@link #update} unless the norm forbids it.
 * All ranks take these steps, {@link #momentum} and {@link #close} together.
 */
interface Optimizer extends AutoCloseable {
  /** What all replicas read, [P]; another tensor after an update, perhaps. */
  RuntimeTensor parameters();

  /** What replica {@code i} writes its gradients to, [P]. */
  RuntimeTensor gradients(int i);

  /**
   * Adds the gradients that the replicas have written.
   *
   * @param first whether this is the first micro-batch of the update
   */
  void accumulate(boolean first);

  /**
   * Settles the gradient of the update.
   *
   * @param scale what the sum over replicas, ranks and micro-batches is multiplied by
   * @return its L2 norm, before it is clipped by norm; if it is not finite the update must not be made
   */
  double settle(double scale);

  /** Updates all parameters along the settled gradient. */
  void update(double rate);

  /** Ends an update that is not made. */
  void skip();

  /** Updates done, those skipped included. */
  long updates();

  /** All parameters as they are now; a copy. */
  float[] values();

  /** The momentum of all parameters, from all ranks; a copy. */
  float[] momentum();

  /** Bytes of optimizer state that this rank keeps. */
  long stateBytes();

  @Override
  void close();
}
