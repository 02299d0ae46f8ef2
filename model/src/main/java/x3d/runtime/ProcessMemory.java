package x3d.runtime;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.bytedeco.javacpp.Pointer;

/** What this process holds in memory, as the system counts it. */
public final class ProcessMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ProcessMemory() {}

  /** The most that was resident since the process began; known on Linux only. */
  public static OptionalLong peakBytes() {
    return line("VmHWM:");
  }

  /** What is resident now, native memory included: as Linux counts it, elsewhere as JavaCPP does. */
  public static OptionalLong residentBytes() {
    OptionalLong resident = line("VmRSS:");
    if (resident.isPresent()) {
      return resident;
    }
    long counted = Pointer.physicalBytes();
    return counted > 0 ? OptionalLong.of(counted) : OptionalLong.empty();
  }

  /** What the Java heap holds now, garbage included. */
  public static long heapBytes() {
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  /** What the Java heap holds after a collection. */
  public static long heapBytesAfterCollection() {
    System.gc();
    System.gc(); // what the first one found to be freed by cleaners is free now
    return heapBytes();
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
