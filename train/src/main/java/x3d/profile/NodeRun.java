package x3d.profile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One run of a node.
 *
 * @param place empty where nothing tells it
 * @param named whether the node's own name tells its place, and not only that of a node beside it
 */
record NodeRun(String operator, Optional<Place> place, boolean named, double micros, Cost cost) {
  /** The change of layout that ONNX Runtime puts before a node; its others come after the node whose output they change. */
  private static final String BEFORE = "ReorderInput";

  /** The nodes of a trace. Those that ONNX Runtime put in between, and named itself, count to their neighbours. */
  static List<NodeRun> of(Trace trace) {
    List<TraceEvent> events = trace.events().stream().filter(TraceEvent::isNode).toList();
    List<NodeRun> runs = new ArrayList<>();
    for (int i = 0; i < events.size(); i++) {
      TraceEvent event = events.get(i);
      String operator = event.args().path("op_name").asText("unknown");
      Optional<Place> own = Place.of(event.name());
      Optional<Place> place = own;
      if (own.isEmpty()) {
        int step = operator.equals(BEFORE) ? 1 : -1;
        place = neighbour(events, i, step);
      }
      runs.add(new NodeRun(
          operator, place, own.isPresent(), event.duration(), Cost.of(operator, event.args())));
    }
    return runs;
  }

  /** The place of the next node of the same row that has one. */
  private static Optional<Place> neighbour(List<TraceEvent> events, int from, int step) {
    int row = events.get(from).track();
    for (int i = from + step;
        i >= 0 && i < events.size() && events.get(i).track() == row;
        i += step) {
      Optional<Place> place = Place.of(events.get(i).name());
      if (place.isPresent()) {
        return place;
      }
    }
    return Optional.empty();
  }

  Phase phase() {
    return place.map(Place::phase).orElse(Phase.FORWARD);
  }
}
