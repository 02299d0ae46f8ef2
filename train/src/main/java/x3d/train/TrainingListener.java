package x3d.train;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** Told how a run goes, on the thread that trains. */
public interface TrainingListener {
  /** Hears nothing. */
  TrainingListener NONE = new TrainingListener() {};

  /**
   * How far a run is, after an update.
   *
   * @param epoch that is running, from 1
   * @param epochs in all
   * @param iteration updates done in the epoch
   * @param iterations of an epoch
   * @param loss of the update
   * @param clipsPerSecond over all devices, waiting included
   * @param dataSeconds seconds an update that training waited for clips
   * @param stepSeconds seconds an update from clips to new parameters
   */
  record Advance(
      int epoch,
      int epochs,
      int iteration,
      int iterations,
      double loss,
      double clipsPerSecond,
      double dataSeconds,
      double stepSeconds) {}

  /** A line was written to {@code stdout.log}; its kind is the field {@code _type}. */
  default void logged(ObjectNode line) {}

  /** An update was made. */
  default void advanced(Advance advance) {}
}
