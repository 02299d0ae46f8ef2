package x3d.tools.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class DeviceMemoryTest {
  @Test
  void theMemoryOfAProcessIsSummedOverGpus() {
    DeviceMemory memory = DeviceMemory.parsed("812, 1024\n901, 300\n812, 500");
    assertEquals(Map.of(812L, 1524L << 20, 901L, 300L << 20), memory.bytesOfProcess());
  }

  @Test
  void whatTheDriverDoesNotTellIsLeftOut() {
    assertEquals(Map.of(), DeviceMemory.parsed("").bytesOfProcess());
    assertEquals(Map.of(9L, 5L << 20), DeviceMemory.parsed("812, [N/A]\n9, 5").bytesOfProcess());
    assertEquals(
        Map.of(), DeviceMemory.parsed("NVIDIA-SMI has failed, see its log").bytesOfProcess());
  }

  @Test
  void aReportNamesThisProcessAsOurs() {
    long pid = ProcessHandle.current().pid();
    assertEquals(
        Map.of("deviceMemoryBytes", 7L << 20),
        DeviceMemory.parsed(pid + ", 7").figures(new Rival(Optional.empty())));
    assertEquals(
        Map.of(), DeviceMemory.parsed((pid + 1) + ", 7").figures(new Rival(Optional.empty())));
  }
}
