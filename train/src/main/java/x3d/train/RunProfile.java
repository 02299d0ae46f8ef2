package x3d.train;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import x3d.net.TrainingStep;
import x3d.net.Variant;
import x3d.profile.Profile;
import x3d.profile.ProfileTable;
import x3d.profile.Profiler;
import x3d.profile.Trace;

/** The profile of a run's first updates: each rank writes its trace as soon as it is complete, and rank 0 logs the table. */
final class RunProfile {
  /** Rows of the tables by operator and layer. */
  private static final int ROWS = 10;

  private final RunPlan plan;
  private final TrainOptions options;
  private final RunFolder folder;
  private final Reporter reporter;
  private final Profiler profiler;

  RunProfile(RunPlan plan, TrainOptions options, RunFolder folder, Reporter reporter) {
    this.plan = plan;
    this.options = options;
    this.folder = folder;
    this.reporter = reporter;
    this.profiler = options.profiler();
  }

  /** Makes an update. */
  <T> T step(Supplier<T> update) {
    if (!profiler.wantsSteps()) {
      return update.get();
    }
    T result = profiler.step(update);
    profiler.complete(about()).ifPresent(this::write);
    return result;
  }

  /** Writes what there is if the run ends before the profile is complete. */
  void end() {
    boolean missing = profiler.wantsSteps();
    Optional<Trace> trace = profiler.end(about());
    trace.ifPresent(this::write);
    if (missing && trace.isEmpty()) {
      reporter.profile(
          folder.profile(),
          List.of("no update was profiled: the run ended with those before the profile"));
    }
  }

  private ObjectNode about() {
    ObjectNode about = about(plan.step(), options);
    about.put("clips", plan.batch());
    about.put("replicas", plan.replicas());
    about.put("microBatches", plan.microBatches());
    return about;
  }

  static ObjectNode about(TrainingStep step, TrainOptions options) {
    ObjectNode about = JsonNodeFactory.instance.objectNode();
    about.put("kind", "training");
    about.put("network", Variant.nameOf(step.config()));
    about.put("lowering", step.options().lowering().id());
    about.put("precision", step.options().precision().id());
    about.put("provider", options.provider().id());
    about.put("threads", options.threads());
    about.put("rank", options.ranks().rank());
    about.put("ranks", options.ranks().size());
    return about;
  }

  private void write(Trace trace) {
    int ranks = options.ranks().size();
    folder.writeTrace(
        ranks == 1 ? "trace" : "trace-" + options.ranks().rank() + "-of-" + ranks, trace);
    reporter.profile(folder.profile(), ProfileTable.lines(Profile.of(List.of(trace)), ROWS));
  }
}
