package x3d.tools.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * An order of classes in which those that are taken for each other stand together: average-linkage clustering, where two classes
 * are as near as the share of their videos that goes from one to the other. Groups are joined nearest first, each laid beside the
 * other by the ends that are nearest. Takes time with the third power of the classes: a tenth of a second for 400.
 */
final class ClassOrder {
  private final double[][] near;
  private final double[][] linked;
  private final List<List<Integer>> groups = new ArrayList<>();

  private ClassOrder(double[][] near) {
    this.near = near;
    this.linked = Arrays.stream(near).map(double[]::clone).toArray(double[][]::new);
    for (int i = 0; i < near.length; i++) {
      groups.add(new ArrayList<>(List.of(i)));
    }
  }

  /**
   * @param counts how many videos of class i were taken for class j
   * @return all classes, in order
   */
  static List<Integer> of(int[][] counts) {
    int n = counts.length;
    double[][] near = new double[n][n];
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        near[i][j] = i == j ? 0 : share(counts, i, j) + share(counts, j, i);
      }
    }
    return new ClassOrder(near).joined();
  }

  private static double share(int[][] counts, int from, int to) {
    return (double) counts[from][to] / Math.max(1, Arrays.stream(counts[from]).sum());
  }

  private List<Integer> joined() {
    List<Integer> left = new ArrayList<>();
    for (int i = 0; i < groups.size(); i++) {
      left.add(i);
    }
    while (left.size() > 1) {
      int[] pair = nearest(left);
      if (pair == null) {
        break; // the rest have nothing to do with each other
      }
      join(pair[0], pair[1], left);
      left.remove(Integer.valueOf(pair[1]));
    }
    return left.stream().flatMap(group -> groups.get(group).stream()).toList();
  }

  private int[] nearest(List<Integer> left) {
    int[] best = null;
    double most = 0;
    for (int i = 0; i < left.size(); i++) {
      for (int j = i + 1; j < left.size(); j++) {
        double value = linked[left.get(i)][left.get(j)];
        if (value > most) {
          most = value;
          best = new int[] {left.get(i), left.get(j)};
        }
      }
    }
    return best;
  }

  private void join(int into, int from, List<Integer> left) {
    List<Integer> a = groups.get(into);
    List<Integer> b = groups.get(from);
    for (int other : left) {
      double mean =
          (a.size() * linked[into][other] + b.size() * linked[from][other]) / (a.size() + b.size());
      linked[into][other] = mean;
      linked[other][into] = mean;
    }
    turn(a, b);
    a.addAll(b);
  }

  /** Turns both so that a's last and b's first are the nearest of their ends. */
  private void turn(List<Integer> a, List<Integer> b) {
    double[] ends = {
      near[last(a)][b.get(0)],
      near[last(a)][last(b)],
      near[a.get(0)][b.get(0)],
      near[a.get(0)][last(b)]
    };
    int best = 0;
    for (int i = 1; i < ends.length; i++) {
      best = ends[i] > ends[best] ? i : best;
    }
    if (best >= 2) {
      Collections.reverse(a);
    }
    if (best % 2 == 1) {
      Collections.reverse(b);
    }
  }

  private static int last(List<Integer> group) {
    return group.get(group.size() - 1);
  }
}
