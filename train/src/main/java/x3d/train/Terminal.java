package x3d.train;

import java.io.Console;

/** Whether a person is looking. */
public final class Terminal {
  private Terminal() {}

  public static boolean present() {
    Console console = System.console();
    if (console == null) {
      return false;
    }
    try { // from JDK 22 on there may be a console without a terminal
      return (Boolean) Console.class.getMethod("isTerminal").invoke(console);
    } catch (ReflectiveOperationException e) {
      return true;
    }
  }
}
