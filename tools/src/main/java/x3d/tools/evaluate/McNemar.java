package x3d.tools.evaluate;

/**
 * McNemar's test of whether two classifiers that saw the same videos are equally often right: only videos that one of them named
 * rightly count, and of these each would have half but for chance. The exact form, two-sided, from the binomial distribution,
 * whatever the counts (Q. McNemar, Note on the sampling error of the difference between correlated proportions or
 * percentages, 1947).
 *
 * @param better videos that only the second named rightly
 * @param worse videos that only the first named rightly
 * @param p how likely a difference as large as this, or larger, would be if there were none
 */
record McNemar(int better, int worse, double p) {
  static McNemar of(int better, int worse) {
    int n = better + worse;
    double term = -n * Math.log(2); // the logarithm of the chance of 0 of n
    double sum = Math.exp(term);
    for (int k = 1; k <= Math.min(better, worse); k++) {
      term += Math.log((n - k + 1.0) / k);
      sum += Math.exp(term);
    }
    return new McNemar(better, worse, Math.min(1, 2 * sum));
  }

  /** Whether to believe in a difference, at the usual 5 %. */
  boolean significant() {
    return p < 0.05;
  }
}
