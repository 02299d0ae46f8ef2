package x3d.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ParameterException;
import x3d.runtime.Device;
import x3d.runtime.RuntimeFailure;

class DeviceOptionsTest {
  @Command(name = "run")
  private static final class Run {
    @Mixin
    private DeviceOptions devices;
  }

  private static DeviceOptions parsed(String... arguments) {
    Run run = new Run();
    new CommandLine(run).parseArgs(arguments);
    return run.devices;
  }

  @Test
  void processesOfAHostSplitAListAndTakeTheNextOfANumber() {
    assertArrayEquals(new int[] {5, 7}, DeviceOptions.slice(new int[] {0, 2, 5, 7}, 1, 2));
    assertArrayEquals(new int[] {0, 1, 2, 3}, DeviceOptions.next(4, 0));
    assertArrayEquals(new int[] {6, 7}, DeviceOptions.next(2, 3));
  }

  @Test
  void aListThatProcessesCannotShareIsAWrongCall() {
    String refusal = assertThrows(
            ParameterException.class,
            () -> parsed("--ep", "cuda", "--devices", "0,2,5").ofRank(1, 1, 0, 2))
        .getMessage();
    assertEquals(
        "--devices 0,2,5: 2 processes of this host cannot share 3 devices evenly", refusal);
  }

  @Test
  void aTrainingHasTheDevicesOfItsRecipeUnlessItIsTold() {
    List<Device> usual = parsed().ofRank(4, 2, 0, 1);
    assertEquals(2, usual.size());
    assertEquals(2, usual.get(0).threads());
    assertFalse(parsed().chosen());
    assertEquals(3, parsed("--devices", "3").ofRank(4, 2, 0, 1).size());
    assertTrue(parsed("--devices", "3").chosen());
  }

  @Test
  void aDeviceThatIsNotThereIsAFailureAndNoWrongCall() {
    assertThrows(RuntimeFailure.class, () -> parsed("--ep", "cann").ofRank(1, 8, 0, 1));
  }
}
