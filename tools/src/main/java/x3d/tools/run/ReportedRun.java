package x3d.tools.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import x3d.train.Recipe;

/**
 * A run as a report has it.
 *
 * @param name that tells it from the others
 * @param recipe its keys and values; empty if it has no {@code recipe.yaml} yet
 */
record ReportedRun(
    String name,
    Path folder,
    RunFacts facts,
    RunCurves curves,
    Optional<Map<String, String>> recipe) {
  /**
   * Reads its files.
   *
   * @param points of a curve, at most
   */
  static ReportedRun read(String name, Path folder, int points) throws IOException {
    RunFacts facts = new RunFacts();
    RunCurves curves = new RunCurves(points);
    new RunLogReader(folder, facts, curves).update();
    Path recipe = folder.resolve("recipe.yaml");
    return new ReportedRun(
        name,
        folder,
        facts,
        curves,
        Files.exists(recipe) ? Optional.of(Recipe.read(recipe).texts()) : Optional.empty());
  }
}
