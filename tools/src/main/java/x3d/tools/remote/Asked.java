package x3d.tools.remote;

/**
 * What all answers of a file have in common.
 *
 * @param model its name
 * @param top classes of each answer
 */
record Asked(String model, int views, int crops, int top) {
  @Override
  public String toString() {
    return "the model '" + model + "', " + views + " views, " + crops + " crops and " + top
        + " classes";
  }
}
