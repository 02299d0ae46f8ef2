package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingKernelsTest {
  @Test
  void theBundledLibraryIsABuildWithTraining() {
    assertEquals(
        List.of(TrainingKernels.values()), TrainingKernels.of(Device.cpu(1)), "on the CPU");
  }

  @Test
  void aDeviceThatIsNotThereIsNotAsked() {
    assertThrows(RuntimeFailure.class, () -> TrainingKernels.of(new Device(Provider.CUDA, 0, 1)));
  }
}
