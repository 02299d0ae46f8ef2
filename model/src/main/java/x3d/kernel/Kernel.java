package x3d.kernel;

import java.nio.FloatBuffer;
import java.util.List;

/** The arithmetic of one operator. Safe for use by several threads at once. */
public interface Kernel {
  /**
   * Lays out the work for inputs of these shapes.
   *
   * @throws IllegalArgumentException if the shapes do not go together
   */
  Work plan(List<long[]> inputs);

  /** What is to be done for inputs of given shapes, in pieces that several threads may share in any way: the numbers are the same. */
  interface Work {
    List<long[]> outputs();

    /** How many pieces there are. */
    int pieces();

    /** Does one piece; {@code in} and {@code out} are whole tensors, read and written at absolute places. */
    void run(int piece, FloatBuffer[] in, FloatBuffer[] out, Scratch scratch);
  }
}
