package x3d.tools.evaluate;

/**
 * Wilson's score interval of a share, in percent: where the accuracy on all videos of this kind lies, with 95 % confidence, if those
 * counted were drawn at random among them. Unlike the textbook's p ± 1.96 √(p(1-p)/n) it holds for few videos and near 0 and 100 %.
 * E. B. Wilson, Probable inference, the law of succession, and statistical inference, 1927.
 */
record Interval(double low, double high) {
  /** Of the normal distribution, 97.5 % lie below it. */
  private static final double Z = 1.959963984540054;

  /** @param all 0 or more; of none nothing is known, 0 to 100 */
  static Interval of(int right, int all) {
    if (all == 0) {
      return new Interval(0, 100);
    }
    double p = (double) right / all;
    double spread = Z * Math.sqrt(p * (1 - p) / all + Z * Z / (4.0 * all * all));
    double centre = p + Z * Z / (2 * all);
    double scale = 100 / (1 + Z * Z / all);
    return new Interval(
        right == 0 ? 0 : scale * (centre - spread), right == all ? 100 : scale * (centre + spread));
  }
}
