package x3d.weights;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * What became of each tensor when weights were put into layouts. Every name of the weights and of the layouts is in
 * exactly one list.
 *
 * @param loaded in both, of equal shape
 * @param missing in a layout only: the flat vector keeps what it held there
 * @param unexpected in the weights only: not used
 * @param mismatched in both, of different shapes: the flat vector keeps what it held there
 * @param filledIn loaded, but not from the file: stood in for by {@link PytorchCheckpoint} to give the same output
 */
public record LoadReport(
    List<String> loaded,
    List<String> missing,
    List<String> unexpected,
    List<Mismatch> mismatched,
    List<String> filledIn) {

  /** A tensor of one name and two shapes. */
  public record Mismatch(String name, List<Integer> expected, List<Integer> found) {
    public Mismatch {
      expected = List.copyOf(expected);
      found = List.copyOf(found);
    }

    @Override
    public String toString() {
      return name + " is " + found + ", not " + expected;
    }
  }

  public LoadReport {
    loaded = List.copyOf(loaded);
    missing = List.copyOf(missing);
    unexpected = List.copyOf(unexpected);
    mismatched = List.copyOf(mismatched);
    filledIn = List.copyOf(filledIn);
  }

  /**
   * Copies what fits into both flat vectors.
   *
   * @param parameterValues of the length of {@code parameters}; what does not fit leaves its slice as it was
   * @param statisticValues of the length of {@code statistics}; likewise
   */
  public static LoadReport fill(
      Weights weights,
      ParameterLayout parameters,
      float[] parameterValues,
      ParameterLayout statistics,
      float[] statisticValues) {
    parameters.requireLength(parameterValues);
    statistics.requireLength(statisticValues);
    Matching matching = new Matching(weights);
    matching.match(parameters, parameterValues);
    matching.match(statistics, statisticValues);
    return matching.report();
  }

  /** As above, for one layout alone. */
  static LoadReport fill(Weights weights, ParameterLayout layout, float[] values) {
    layout.requireLength(values);
    Matching matching = new Matching(weights);
    matching.match(layout, values);
    return matching.report();
  }

  private static final class Matching {
    private final Weights weights;
    private final Set<String> standIns;
    private final Set<String> unseen;
    private final List<String> loaded = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<Mismatch> mismatched = new ArrayList<>();
    private final List<String> filledIn = new ArrayList<>();

    Matching(Weights weights) {
      this.weights = weights;
      standIns =
          Set.copyOf(PytorchCheckpoint.names(weights.metadata(), PytorchCheckpoint.FILLED_IN));
      unseen = new LinkedHashSet<>(weights.tensors().keySet());
    }

    void match(ParameterLayout layout, float[] flat) {
      for (ParameterLayout.Slice slice : layout.slices()) {
        String name = slice.name();
        WeightTensor tensor = weights.tensors().get(name);
        unseen.remove(name);
        if (tensor == null) {
          missing.add(name);
        } else if (!Arrays.equals(tensor.shape(), slice.spec().shape())) {
          mismatched.add(new Mismatch(name, list(slice.spec().shape()), list(tensor.shape())));
        } else {
          System.arraycopy(tensor.values(), 0, flat, slice.offset(), slice.length());
          (standIns.contains(name) ? filledIn : loaded).add(name);
        }
      }
    }

    LoadReport report() {
      return new LoadReport(loaded, missing, List.copyOf(unseen), mismatched, filledIn);
    }

    private static List<Integer> list(int[] shape) {
      return Arrays.stream(shape).boxed().toList();
    }
  }

  /** Whether every tensor of the layouts was found and none was left over. */
  public boolean exact() {
    return missing.isEmpty() && unexpected.isEmpty() && mismatched.isEmpty();
  }

  /** @throws WeightsException naming all that is missing, unexpected or mismatched, if anything is */
  public LoadReport requireExact() {
    if (!exact()) {
      throw new WeightsException(
          "the weights do not fit the network: " + String.join("; ", problems(true)));
    }
    return this;
  }

  /** As {@link #requireExact}, but with tensors left over allowed. */
  LoadReport requireAllFound() {
    if (!missing.isEmpty() || !mismatched.isEmpty()) {
      throw new WeightsException(
          "the weights do not fit the network: " + String.join("; ", problems(false)));
    }
    return this;
  }

  private List<String> problems(boolean withUnexpected) {
    List<String> problems = new ArrayList<>();
    add(problems, "missing", missing);
    add(problems, "mismatched", mismatched);
    if (withUnexpected) {
      add(problems, "unexpected", unexpected);
    }
    return problems;
  }

  private static void add(List<String> lines, String what, List<?> names) {
    if (!names.isEmpty()) {
      lines.add(what + " " + names.size() + ": "
          + String.join(", ", names.stream().map(Objects::toString).toList()));
    }
  }

  /** One line a non-empty list: how many, and but for those loaded the names. */
  @Override
  public String toString() {
    List<String> lines = new ArrayList<>();
    lines.add("loaded " + loaded.size());
    add(lines, "filled in", filledIn);
    lines.addAll(problems(true));
    return String.join(System.lineSeparator(), lines);
  }
}
