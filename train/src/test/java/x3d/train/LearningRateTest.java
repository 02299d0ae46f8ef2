package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class LearningRateTest {
  @TestFactory
  List<DynamicTest> equalsSlowFastsAtEveryReferenceEpoch() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    try (InputStream in = getClass().getResourceAsStream("/reference/lr_policy.json")) {
      for (JsonNode policy : new ObjectMapper().readTree(in)) {
        List<String> overrides = new ArrayList<>();
        policy
            .get("solver")
            .properties()
            .forEach(e -> overrides.addAll(List.of("SOLVER." + e.getKey(), text(e.getValue()))));
        LearningRate rate =
            new LearningRate(Recipe.defaults().withOverrides(overrides).checked());
        policy
            .get("lr")
            .properties()
            .forEach(e -> tests.add(DynamicTest.dynamicTest(
                policy.get("name").asText() + " at " + e.getKey(),
                () -> assertEquals(
                    e.getValue().asDouble(), rate.at(Double.parseDouble(e.getKey())), 1e-15))));
      }
    }
    return tests;
  }

  private static String text(JsonNode value) {
    return value.isTextual() ? value.asText() : value.toString();
  }

  @Test
  void cosineAfterWarmupStartsAtItsPeak() {
    Recipe recipe = Recipe.defaults()
        .withOverrides(List.of(
            "SOLVER.COSINE_AFTER_WARMUP", "True",
            "SOLVER.WARMUP_EPOCHS", "10",
            "SOLVER.MAX_EPOCH", "20"));
    assertEquals(0.1, new LearningRate(recipe).at(10), 1e-15);
    assertEquals(0.05, new LearningRate(recipe).at(15), 1e-15);
  }

  @Test
  void stepsThatDoNotMatchTheirRatesAreRefused() {
    Recipe recipe = Recipe.defaults()
        .withOverrides(List.of(
            "SOLVER.LR_POLICY", "steps_with_relative_lrs",
            "SOLVER.STEPS", "(0, 4)",
            "SOLVER.LRS", "[1]"));
    assertTrue(LearningRate.problems(recipe)
        .contains("SOLVER.LRS has 1 values and SOLVER.STEPS 2; they must be as many"));
  }
}
