package x3d.collective;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;

/**
 * How a family of MPI libraries spells MPI's constants. In Open MPI a handle is the address of a global; in MPICH and those
 * that keep to its binary interface (Intel MPI, MVAPICH2, Cray MPICH) it is an int. Open MPI 4 and 5 spell alike.
 *
 * @param world the communicator of all ranks
 * @param errorsReturn the error handler that lets calls return a code
 * @param byHost the split type MPI_COMM_TYPE_SHARED
 * @param ignoreStatuses MPI_STATUSES_IGNORE
 * @param handleSize of a communicator or request in memory, in bytes
 */
record Abi(
    Object world,
    Object bytes,
    Object floats,
    Object doubles,
    Object noInfo,
    Object errorsReturn,
    int byHost,
    Pointer ignoreStatuses,
    int handleSize) {
  /** That of a library. */
  static Abi of(NativeLibrary library, String version) {
    if (version.startsWith("Open MPI")) {
      return openMpi(library);
    }
    if (version.contains("MPICH") || version.contains("Intel") || version.contains("MVAPICH")) {
      return mpich();
    }
    throw new CollectiveException(
        library.getFile() + " is neither of Open MPI's family nor of MPICH's but "
            + version.lines().findFirst().orElse("nameless"));
  }

  /** From Open MPI 4.1's mpi.h; 5.0 has the same. */
  private static Abi openMpi(NativeLibrary library) {
    return new Abi(
        library.getGlobalVariableAddress("ompi_mpi_comm_world"),
        library.getGlobalVariableAddress("ompi_mpi_byte"),
        library.getGlobalVariableAddress("ompi_mpi_float"),
        library.getGlobalVariableAddress("ompi_mpi_double"),
        library.getGlobalVariableAddress("ompi_mpi_info_null"),
        library.getGlobalVariableAddress("ompi_mpi_errors_return"),
        0,
        Pointer.NULL,
        Long.BYTES);
  }

  /** From MPICH 4.0's mpi.h; the MPICH ABI initiative keeps them. */
  private static Abi mpich() {
    return new Abi(
        0x44000000,
        0x4c00010d,
        0x4c00040a,
        0x4c00080b,
        0x1c000000,
        0x54000001,
        1,
        new Pointer(1),
        Integer.BYTES);
  }

  /** Reads a handle that a call has written. */
  Object handle(Pointer at) {
    if (handleSize == Integer.BYTES) {
      return at.getInt(0);
    }
    return at.getPointer(0);
  }
}
