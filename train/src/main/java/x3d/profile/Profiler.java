package x3d.profile;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import x3d.runtime.Profiling;
import x3d.runtime.SessionTrace;

/**
 * Notes what some steps of a process are made of. Its first steps are not noted, then come those that are, then as many without
 * notes again, by which one sees what the noting itself costs. One thread takes the steps; sessions that are opened with
 * {@link #sessions} are part of the trace. {@link #OFF} does nothing but the work.
 */
public final class Profiler implements AutoCloseable {
  public static final Profiler OFF = new Profiler(new Plan(0, 1), Profiling.OFF);

  private static final long NEVER = Long.MIN_VALUE;

  private final Plan plan;
  private final Profiling sessions;
  private final List<Noted> noted = new ArrayList<>();
  private final List<Double> bareMillis = new ArrayList<>();
  private List<SessionTrace> nodes = List.of();
  private int steps;
  private boolean noting;
  private boolean taken;
  private long begun = NEVER;

  /** What the thread did. */
  record Noted(Span span, long startNanos, long endNanos) {}

  /**
   * Which steps are noted.
   *
   * @param warmUp steps before them, 0 or more
   * @param steps from 1 to {@value #MOST}, for a trace that can still be looked at
   */
  public record Plan(int warmUp, int steps) {
    public static final int MOST = 100;

    public Plan {
      if (warmUp < 0 || warmUp > 1000 || steps < 1 || steps > MOST) {
        throw new IllegalArgumentException("a profile is of 1 to " + MOST
            + " steps after 0 to 1000 others; asked were " + steps + " after " + warmUp);
      }
    }
  }

  private Profiler(Plan plan, Profiling sessions) {
    this.plan = plan;
    this.sessions = sessions;
    this.taken = sessions == Profiling.OFF;
  }

  /** One for a process whose sessions are still to be opened. */
  public static Profiler on(Plan plan) {
    return new Profiler(plan, Profiling.on());
  }

  /** What sessions are to be opened with. */
  public Profiling sessions() {
    return sessions;
  }

  /** Whether there are steps to take until the trace is complete. */
  public boolean wantsSteps() {
    return !taken && steps < plan.warmUp + 2 * plan.steps;
  }

  /** Takes a step. */
  public <T> T step(Supplier<T> work) {
    if (!wantsSteps()) {
      return work.get();
    }
    if (steps == plan.warmUp + plan.steps) {
      endNotes();
    }
    noting = steps >= plan.warmUp && steps < plan.warmUp + plan.steps;
    steps++;
    if (noting) {
      begun = begun == NEVER ? System.nanoTime() : begun;
      try {
        return during(Span.STEP, work);
      } finally {
        noting = false;
      }
    }
    long start = System.nanoTime();
    T result = work.get();
    if (steps > plan.warmUp) {
      bareMillis.add((System.nanoTime() - start) / 1e6);
    }
    return result;
  }

  /** Does a part of a step. */
  public <T> T during(Span span, Supplier<T> work) {
    if (!noting) {
      return work.get();
    }
    long start = System.nanoTime();
    T result = work.get();
    noted.add(new Noted(span, start, System.nanoTime()));
    return result;
  }

  /** Does a part of a step. */
  public void during(Span span, Runnable work) {
    during(span, () -> {
      work.run();
      return null;
    });
  }

  private void endNotes() {
    nodes = sessions.end();
  }

  /** The trace once it is complete; once. */
  public Optional<Trace> complete(ObjectNode about) {
    return wantsSteps() ? Optional.empty() : end(about);
  }

  /** The trace of what was noted so far; once. Empty if no step was. No session may be running. */
  public Optional<Trace> end(ObjectNode about) {
    if (taken) {
      return Optional.empty();
    }
    taken = true;
    if (steps <= plan.warmUp + plan.steps) {
      endNotes();
    }
    if (noted.isEmpty()) {
      return Optional.empty();
    }
    about.put("warmUp", plan.warmUp);
    about.put("steps", noted.stream().filter(n -> n.span == Span.STEP).count());
    ArrayNode bare = about.putArray("bareMillis");
    bareMillis.forEach(bare::add);
    return Optional.of(TraceWriter.trace(about, begun, noted, nodes));
  }

  /** To be closed after the sessions. */
  @Override
  public void close() {
    sessions.close();
  }
}
