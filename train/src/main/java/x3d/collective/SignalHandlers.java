package x3d.collective;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The JVM's signal handlers. It needs SIGSEGV and its like for null checks and safepoints, and SIGTERM for its shutdown hooks;
 * UCX, which Open MPI and MPICH load, takes the former for crash reports.
 */
final class SignalHandlers {
  /** On Linux and macOS: HUP, INT, ILL, BUS or USR1 (7, 10), FPE, SEGV, USR2, TERM. */
  private static final int[] SIGNALS = {1, 2, 4, 7, 8, 10, 11, 12, 15};

  /** More than a struct sigaction has on any platform. */
  private static final int SIZE = 512;

  private final Function sigaction;
  private final Map<Integer, Memory> kept = new LinkedHashMap<>();

  private SignalHandlers() {
    sigaction =
        Platform.isWindows() ? null : NativeLibrary.getInstance("c").getFunction("sigaction");
  }

  /** Those there are now, which {@link #restore} sets again. */
  static SignalHandlers keep() {
    SignalHandlers handlers = new SignalHandlers();
    if (handlers.sigaction != null) {
      for (int signal : SIGNALS) {
        Memory action = new Memory(SIZE);
        action.clear();
        if (handlers.sigaction.invokeInt(new Object[] {signal, Pointer.NULL, action}) == 0) {
          handlers.kept.put(signal, action);
        }
      }
    }
    return handlers;
  }

  void restore() {
    kept.forEach((signal, action) -> {
      sigaction.invokeInt(new Object[] {signal, action, Pointer.NULL});
      action.close();
    });
    kept.clear();
  }
}
