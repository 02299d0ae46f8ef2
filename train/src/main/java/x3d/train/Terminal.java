package x3d.train;

import java.io.Console;

/** Whether a person is looking. */
final class Terminal {
  private Terminal() {}

  static boolean present() {
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
