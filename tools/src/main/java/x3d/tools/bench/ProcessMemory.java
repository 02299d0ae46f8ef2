package x3d.tools.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/** What this process holds in memory, as the system counts it; known on Linux only. */
final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** The most that was resident since the process began. */
  static OptionalLong peakBytes() {
    return line("VmHWM:");
  }

  /** What is resident now. */
  static OptionalLong residentBytes() {
    return line("VmRSS:");
  }

  /** What the Java heap holds after a collection. */
  static long heapBytesAfterCollection() {
    System.gc();
    System.gc(); // what the first one found to be freed by cleaners is free now
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static OptionalLong line(String name) {
    try {
      return Files.readAllLines(STATUS).stream()
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
          .findFirst();
    } catch (IOException e) {
      return OptionalLong.empty();
    }
  }
}
