package x3d.tools;

import java.util.Arrays;
import java.util.Objects;
import java.util.stream.Stream;

/** {@code x3d-tools} as a rank of a job, with the rank's number for each {@code RANK} in the arguments. */
final class ToolsRank {
  private ToolsRank() {}

  public static void main(String[] arguments) {
    String rank = Stream.of("OMPI_COMM_WORLD_RANK", "PMI_RANK")
        .map(System::getenv)
        .filter(Objects::nonNull)
        .findFirst()
        .orElseThrow();
    ToolsCommand.main(
        Arrays.stream(arguments).map(x -> x.replace("RANK", rank)).toArray(String[]::new));
  }
}
