package x3d.tools.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What processes hold of the memory of NVIDIA GPUs, as the driver counts it: contexts, libraries and arenas. ONNX Runtime and
 * PyTorch give an arena back only when they end, so what is held after a measurement is the most that was held in it.
 */
record DeviceMemory(Map<Long, Long> bytesOfProcess) {
  private static final long MEBI = 1 << 20;

  DeviceMemory {
    bytesOfProcess = Map.copyOf(bytesOfProcess);
  }

  /** Now; of no process where there is no NVIDIA driver, or where it does not tell. */
  static DeviceMemory now() {
    try {
      Process process = new ProcessBuilder(
              "nvidia-smi", "--query-compute-apps=pid,used_memory", "--format=csv,noheader,nounits")
          .redirectError(ProcessBuilder.Redirect.DISCARD)
          .start();
      process.getOutputStream().close();
      try (BufferedReader out = process.inputReader()) {
        return parsed(out.lines().collect(Collectors.joining("\n")));
      }
    } catch (IOException e) {
      return new DeviceMemory(Map.of());
    }
  }

  /** @param lines {@code pid, MiB}; a process is named once a GPU */
  static DeviceMemory parsed(String lines) {
    Map<Long, Long> bytes = new LinkedHashMap<>();
    for (String line : lines.split("\n")) {
      String[] fields = line.split(",");
      if (fields.length == 2 && isNumber(fields[0]) && isNumber(fields[1])) { // else "[N/A]"
        bytes.merge(
            Long.parseLong(fields[0].strip()), Long.parseLong(fields[1].strip()) * MEBI, Long::sum);
      }
    }
    return new DeviceMemory(bytes);
  }

  private static boolean isNumber(String field) {
    return field.strip().matches("\\d{1,12}");
  }

  /** For a report: the memory of this process and of the peer, as far as they hold any. */
  Map<String, Object> figures(Rival peer) {
    Map<String, Object> figures = new LinkedHashMap<>();
    Long ours = bytesOfProcess.get(ProcessHandle.current().pid());
    if (ours != null) {
      figures.put("deviceMemoryBytes", ours);
    }
    peer.contender()
        .map(contender -> bytesOfProcess.get(contender.pid()))
        .ifPresent(bytes -> figures.put("peerDeviceMemoryBytes", bytes));
    return figures;
  }
}
