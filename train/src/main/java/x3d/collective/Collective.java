package x3d.collective;

import java.nio.FloatBuffer;
import java.util.List;

/**
 * The processes of one job, as one of them, a rank, sees it.
 *
 * <p>Every rank calls the same operations in the same order, each rank from one thread at a time; a call returns when this
 * rank's part is done. Sums run over the ranks of a host in order, then over the hosts in order, whatever carries them: the
 * same ranks give the same bits, on every rank and in every run. Buffers are direct, in native byte order, and used from
 * position 0; positions and limits are left alone.
 *
 * <p>An operation that cannot end because another rank is gone throws {@link CollectiveException}; the job cannot go on after
 * that.
 */
public interface Collective extends AutoCloseable {
  /** This rank's number, from 0 to below {@link #size}. */
  int rank();

  /** How many ranks there are. */
  int size();

  /** The number of this rank's host, from 0; hosts are numbered by their lowest rank. */
  int host();

  /** This rank's number among those on its host, from 0. */
  int localRank();

  /** How many ranks this host has. */
  int localSize();

  /** How the ranks are joined, for a log: {@code alone}, {@code Open MPI 4.1.4}. */
  String describe();

  /**
   * Sums all ranks' vectors; each rank gets its own slice of the sum.
   *
   * @param vector as long as the partition; its content is undefined afterwards
   * @param own filled with the slice of this rank; must not overlap the vector
   */
  void reduceScatter(FloatBuffer vector, Partition partition, FloatBuffer own);

  /** Every rank's own slice of the vector becomes that slice of all ranks' vectors. */
  void allGather(FloatBuffer vector, Partition partition);

  /** Each value becomes its sum over the ranks, in order of ranks: the same bits on all of them. */
  void sum(double[] values);

  /** All ranks' vectors become that of rank 0. */
  void broadcast(FloatBuffer vector);

  /**
   * What rank 0 has, on all ranks.
   *
   * @param bytes of rank 0; the others' are ignored and may be null
   */
  byte[] broadcast(byte[] bytes);

  /** Every rank's bytes, in order of ranks, on every rank. */
  List<byte[]> allGather(byte[] own);

  /**
   * Ends the processes of all ranks with a non-zero exit code, soon and without waiting for them: for a rank that cannot go
   * on. A lone process goes on, for its caller ends it.
   */
  void abort();

  /** Leaves the job in order; every rank must. After {@link #abort} or a failure this waits for nobody. */
  @Override
  void close();
}
