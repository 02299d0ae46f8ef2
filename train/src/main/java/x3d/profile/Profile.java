package x3d.profile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.StreamSupport;

/**
 * Where the time of a step went: means over the steps and ranks of traces.
 *
 * @param about what was traced, of rank 0
 * @param stepMillis the time of a step
 * @param bareMillis the time of a step without notes, which cost some; NaN where it was not taken
 * @param phases all of them, in their order; together they are the step
 * @param operators, layers, stages: of the nodes, by falling time
 * @param passes nodes by pass and stage, in the network's order; names are {@code s2 forward}
 * @param byNeighbour share of the nodes' time whose place is that of the node beside them
 * @param unattributed share of the nodes' time whose place nothing tells
 */
public record Profile(
    ObjectNode about,
    double stepMillis,
    double bareMillis,
    List<Row> phases,
    List<Row> operators,
    List<Row> layers,
    List<Row> stages,
    List<Row> passes,
    double byNeighbour,
    double unattributed) {
  /** What nodes are counted under whose place nothing tells. */
  public static final String NOT_ATTRIBUTED = "(not attributed)";

  private static final Comparator<Row> BY_TIME =
      Comparator.comparingDouble(Row::millis).reversed().thenComparing(Row::name);

  /** Forward, then backward, each through the stages. */
  private static final Comparator<Row> IN_ORDER = Comparator.<Row>comparingInt(
          row -> row.name().endsWith(Phase.BACKWARD.id()) ? 1 : 0)
      .thenComparingInt(row -> Place.STAGES.indexOf(row.name().split(" ")[0]))
      .thenComparing(Row::name);

  /**
   * @param traces of one kind, one a rank
   * @throws IllegalArgumentException if there is no step in them
   */
  public static Profile of(List<Trace> traces) {
    List<Sum> sums = traces.stream().map(Sum::new).toList();
    double steps = sums.stream().mapToDouble(s -> s.steps).sum();
    if (steps == 0) {
      throw new IllegalArgumentException("the trace holds no step");
    }
    double stepMillis = sums.stream().mapToDouble(s -> s.of(Span.STEP)).sum() / steps / 1e3;
    Tally tally = new Tally(sums, steps, stepMillis);
    List<Row> layers = tally.rows(run -> run.place().map(Place::layer).orElse(NOT_ATTRIBUTED));
    List<Row> stages = tally.rows(run -> run.place().map(Place::stage).orElse(NOT_ATTRIBUTED));
    List<Row> passes = tally.rows(run ->
        run.place().map(Place::stage).orElse(NOT_ATTRIBUTED) + " " + run.phase().id());
    return new Profile(
        traces.get(0).about(),
        stepMillis,
        bare(traces),
        tally.phases(),
        tally.rows(NodeRun::operator).stream().sorted(BY_TIME).toList(),
        layers.stream().sorted(BY_TIME).toList(),
        stages.stream().sorted(BY_TIME).toList(),
        passes.stream().sorted(IN_ORDER).toList(),
        tally.nodeShare(run -> run.place().isPresent() && !run.named()),
        tally.nodeShare(run -> run.place().isEmpty()));
  }

  private static double bare(List<Trace> traces) {
    return traces.stream()
        .flatMap(t -> StreamSupport.stream(t.about().path("bareMillis").spliterator(), false))
        .mapToDouble(JsonNode::asDouble)
        .average()
        .orElse(Double.NaN);
  }

  /** One rank's trace. */
  private static final class Sum {
    private final Map<Span, Double> spans = new EnumMap<>(Span.class);
    private final List<NodeRun> runs;
    private final double steps;
    /** Threads that ran nodes at the same time: their times are one another's. */
    private final double lanes;

    Sum(Trace trace) {
      for (TraceEvent event : trace.events()) {
        for (Span span : Span.values()) {
          if (event.is(span)) {
            spans.merge(span, event.duration(), Double::sum);
          }
        }
      }
      steps = trace.events().stream().filter(e -> e.is(Span.STEP)).count();
      runs = NodeRun.of(trace);
      lanes = Math.max(
          1,
          trace.events().stream()
              .filter(TraceEvent::isNode)
              .mapToInt(TraceEvent::track)
              .distinct()
              .count());
    }

    double of(Span span) {
      return spans.getOrDefault(span, 0.0);
    }
  }

  /** The nodes of all ranks. */
  private record Tally(List<Sum> sums, double steps, double stepMillis) {
    /** Grouped, in the order in which they first ran. */
    List<Row> rows(Function<NodeRun, String> key) {
      Map<String, double[]> groups = new LinkedHashMap<>();
      for (Sum sum : sums) {
        for (NodeRun run : sum.runs) {
          double[] group = groups.computeIfAbsent(key.apply(run), k -> new double[4]);
          group[0]++;
          group[1] += run.micros() / sum.lanes;
          group[2] += run.cost().operations();
          group[3] += run.cost().bytes();
        }
      }
      List<Row> rows = new ArrayList<>();
      groups.forEach((name, g) -> rows.add(row(name, g)));
      return rows;
    }

    private Row row(String name, double[] group) {
      double millis = group[1] / 1e3 / steps;
      return new Row(
          name, group[0] / steps, millis, millis / stepMillis, group[2] / steps, group[3] / steps);
    }

    List<Row> phases() {
      Map<String, Row> nodes = new LinkedHashMap<>();
      rows(run -> run.phase().id()).forEach(row -> nodes.put(row.name(), row));
      double data = millis(Span.DATA);
      double exchange = millis(Span.EXCHANGE);
      double optimizer = millis(Span.OPTIMIZER);
      double compute = millis(Span.COMPUTE);
      double inNodes = nodes.values().stream().mapToDouble(Row::millis).sum();
      List<Row> rows = new ArrayList<>();
      for (Phase phase : Phase.values()) {
        Row none = new Row(phase.id(), 0, 0, 0, 0, 0);
        rows.add(
            switch (phase) {
              case FORWARD, BACKWARD -> nodes.getOrDefault(phase.id(), none);
              case DATA -> spent(phase, data);
              case EXCHANGE -> spent(phase, exchange);
              case OPTIMIZER -> spent(phase, optimizer);
              case BETWEEN -> spent(phase, Math.max(0, compute - inNodes));
              case OTHER ->
                spent(phase, Math.max(0, stepMillis - compute - data - exchange - optimizer));
            });
      }
      return rows;
    }

    private Row spent(Phase phase, double millis) {
      return new Row(phase.id(), 0, millis, millis / stepMillis, 0, 0);
    }

    private double millis(Span span) {
      return sums.stream().mapToDouble(s -> s.of(span)).sum() / 1e3 / steps;
    }

    double nodeShare(Predicate<NodeRun> which) {
      double some = 0;
      double all = 0;
      for (Sum sum : sums) {
        for (NodeRun run : sum.runs) {
          all += run.micros();
          some += which.test(run) ? run.micros() : 0;
        }
      }
      return all == 0 ? 0 : some / all;
    }
  }

  /** For JSON. */
  public Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("about", about);
    fields.put("stepMillis", stepMillis);
    fields.put("bareMillis", Double.isNaN(bareMillis) ? null : bareMillis);
    fields.put("phases", phases.stream().map(Row::fields).toList());
    fields.put("operators", operators.stream().map(Row::fields).toList());
    fields.put("layers", layers.stream().map(Row::fields).toList());
    fields.put("stages", stages.stream().map(Row::fields).toList());
    fields.put("passes", passes.stream().map(Row::fields).toList());
    fields.put("byNeighbour", byNeighbour);
    fields.put("unattributed", unattributed);
    return fields;
  }
}
