package x3d.tools.cann;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * The lists of shapes in CANN's own operators for which these take a faster way, and the rule by which Ascend's port of SlowFast's
 * X3D chose what to add: the input shapes of which all runs together take longer than a threshold.
 */
enum WhiteList {
  TRANSPOSE(
      "impl/dynamic/transpose.py",
      "white_list_shape in _by_dynamic_static_union_version",
      task -> task.type().equals("TransposeD")),
  FOUR_TO_FIVE(
      "impl/four_2_five.py",
      "the list after shape_input in, in four_2_five",
      task -> task.type().equals("TransData") && task.turns("NCHW", "NC1HWC0")),
  FIVE_TO_FOUR(
      "impl/five_2_four.py",
      "the list after dst_shape in, in five_2_four",
      task -> task.type().equals("TransData") && task.turns("NC1HWC0", "NCHW"));

  private final String file;
  private final String place;
  private final Predicate<Task> rule;

  WhiteList(String file, String place, Predicate<Task> rule) {
    this.file = file;
    this.place = place;
    this.rule = rule;
  }

  /** Below {@code opp/op_impl/built-in/ai_core/tbe} (or {@code opp/built-in/op_impl/...}) of the toolkit. */
  String file() {
    return file;
  }

  /** Where in the file. */
  String place() {
    return place;
  }

  /** Whether the file looks for the shape that it makes, not for the one that it is given. */
  boolean comparesOutput() {
    return this == FIVE_TO_FOUR;
  }

  /**
   * A shape to add.
   *
   * @param input of the first input
   * @param output of the first output
   */
  record Entry(List<Long> input, List<Long> output, long count, double seconds) {
    Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("inputShape", input);
      fields.put("outputShape", output);
      fields.put("count", count);
      fields.put("seconds", seconds);
      return fields;
    }
  }

  /** Whose time together is above the threshold, by falling time. */
  List<Entry> entries(List<Task> tasks, double thresholdSeconds) {
    Map<List<Long>, List<Task>> byInput = tasks.stream()
        .filter(rule)
        .filter(task -> !task.inputs().isEmpty())
        .collect(Collectors.groupingBy(
            task -> task.inputs().get(0), LinkedHashMap::new, Collectors.toList()));
    List<Entry> entries = new ArrayList<>();
    byInput.forEach((input, runs) -> {
      double seconds = runs.stream().mapToDouble(Task::seconds).sum();
      if (seconds > thresholdSeconds) {
        List<List<Long>> outputs = runs.get(0).outputs();
        entries.add(
            new Entry(input, outputs.isEmpty() ? List.of() : outputs.get(0), runs.size(), seconds));
      }
    });
    entries.sort(Comparator.comparingDouble(Entry::seconds)
        .reversed()
        .thenComparing(entry -> entry.input().toString()));
    return entries;
  }
}
