package x3d.train;

import java.util.Optional;
import picocli.CommandLine.Option;
import x3d.profile.Profiler;

/** Whether a training notes where the time of its first updates goes. */
final class ProfileOptions {
  private static final int STEPS = 5;

  private static final int WARM_UP = 3;

  @Option(
      names = "--profile",
      description =
          "Note where the time of some updates goes: OUT/profile/trace.json for Perfetto or"
              + " chrome://tracing, and tables in the log. x3d-tools profile OUT makes a page of it.")
  private boolean wanted;

  @Option(
      names = "--profile-steps",
      paramLabel = "N",
      description = "Profile N updates, after " + WARM_UP + " others; by default " + STEPS + ".")
  private Integer steps;

  /**
   * Which updates; empty if none.
   *
   * @throws IllegalArgumentException if they are too few or too many
   */
  Optional<Profiler.Plan> plan() {
    return wanted || steps != null
        ? Optional.of(new Profiler.Plan(WARM_UP, steps == null ? STEPS : steps))
        : Optional.empty();
  }

  Profiler profiler() {
    return plan().map(Profiler::on).orElse(Profiler.OFF);
  }
}
