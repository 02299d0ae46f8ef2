package x3d.collective;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import x3d.collective.Launch.Launcher;

class LaunchTest {
  private static Map<String, String> environment(String entries) {
    Map<String, String> environment = new HashMap<>();
    Arrays.stream(entries.split(" "))
        .map(entry -> entry.split("="))
        .forEach(pair -> environment.put(pair[0], pair[1]));
    return environment;
  }

  private static String refusal(String choice, String entries) {
    return assertThrows(CollectiveException.class, () -> Launch.join(choice, environment(entries)))
        .getMessage();
  }

  @ParameterizedTest
  @CsvSource({
    "OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=1, Open MPI's mpirun, 4, [OPEN_MPI]",
    "OMPI_COMM_WORLD_SIZE=4 PMIX_RANK=1 SLURM_STEP_NUM_TASKS=2, Open MPI's mpirun, 4, [OPEN_MPI]",
    "PMI_RANK=0 PMI_SIZE=3 HYDI_CONTROL_FD=7, MPICH's mpiexec, 3, [MPICH]",
    "PMI_RANK=0 PMI_SIZE=3 HYDI_CONTROL_FD=7 SLURM_STEP_NUM_TASKS=2, MPICH's mpiexec, 3, [MPICH]",
    "PMI_RANK=0 PMI_SIZE=3 SLURM_STEP_NUM_TASKS=3, srun with PMI, 3, '[MPICH, OPEN_MPI]'",
    "PMIX_RANK=0 SLURM_STEP_NUM_TASKS=8, srun --mpi=pmix, 8, '[OPEN_MPI, MPICH]'",
    "PMIX_RANK=0, a PMIx launcher, 0, '[OPEN_MPI, MPICH]'",
    "SLURM_PROCID=0 SLURM_NTASKS=8, no launcher, 1, []",
    "SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=1, no launcher, 1, []"
  })
  void knowsLaunchersByTheEnvironment(String entries, String name, int ranks, String families) {
    Launcher launcher = Launcher.of(environment(entries));
    assertEquals(
        List.of(name, ranks, families),
        List.of(launcher.name(), launcher.ranks(), launcher.families().toString()));
  }

  @ParameterizedTest
  @ValueSource(strings = {"HOME=/", "OMPI_COMM_WORLD_SIZE=1", "SLURM_PROCID=0 SLURM_NTASKS=8"})
  void aLoneProcessNeedsNoLibrary(String entries) {
    assertEquals("alone", Launch.join("auto", environment(entries)).describe());
  }

  @Test
  void offIsAloneWhateverTheLauncher() {
    assertEquals(1, Launch.join("off", environment("OMPI_COMM_WORLD_SIZE=4")).size());
  }

  @Test
  void processesOfSrunWithoutMpiAreRefused() {
    assertEquals(
        "srun started 8 processes that cannot find each other: srun --mpi=pmix (or pmi2) joins them;"
            + " --mpi off lets each work alone",
        refusal("auto", "SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=8"));
  }

  @Test
  void aMissingLibraryIsNamed() {
    String message = refusal("/nowhere/libmpi.so", "OMPI_COMM_WORLD_SIZE=4");
    assertTrue(message.startsWith("cannot load the MPI library /nowhere/libmpi.so: "), message);
  }

  @Test
  void aLibraryThatIsNotOfMpiIsNamed() {
    String message = refusal("libc.so.6", "OMPI_COMM_WORLD_SIZE=4");
    assertTrue(message.endsWith(" is no MPI library: it has no MPI_Get_library_version"), message);
  }

  @Test
  void numbersOfTheEnvironmentAreChecked() {
    assertEquals(
        "the environment variable X3D_STALL_SECONDS is soon; a number from 1 is right",
        refusal("auto", "OMPI_COMM_WORLD_SIZE=4 X3D_STALL_SECONDS=soon"));
  }
}
