package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.StringLength;

/** What holds for any text given as a recipe. */
class RecipePropertiesTest {
  @Property(tries = 300)
  void anyTextIsARecipeOrRefusedInOneLine(@ForAll @StringLength(max = 60) String yaml) {
    refusedInOneLine(() -> Recipe.read(yaml, "text"));
  }

  @Property(tries = 300)
  void anyValueOfAnyKeyIsObeyedOrRefusedInOneLine(
      @ForAll("keys") String key, @ForAll("values") String value) {
    refusedInOneLine(() -> Recipe.defaults().withOverrides(List.of(key, value)).checked());
  }

  private static void refusedInOneLine(Runnable reading) {
    try {
      reading.run();
    } catch (RecipeException e) {
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }

  @Property(tries = 300)
  void whatIsAcceptedIsReadBackAsItWas(@ForAll("keys") String key, @ForAll("values") String value) {
    Recipe recipe;
    try {
      recipe = Recipe.defaults().withOverrides(List.of(key, value)).checked();
    } catch (RecipeException e) {
      return;
    }
    assertTrue(
        Recipe.read(recipe.toYaml(), "written").differences(recipe).isEmpty(), recipe.toYaml());
  }

  @Provide
  Arbitrary<String> keys() {
    return Arbitraries.of(RecipeKeys.all().stream().map(RecipeKey::name).toList());
  }

  @Provide
  Arbitrary<String> values() {
    return Arbitraries.oneOf(
        Arbitraries.of(
            "0", "1", "-1", "2.5", "1e9", "1e999", "NaN", "True", "false", "None", "[]", "[1]",
            "[3, 4]", "(0, 2)", "[[1]]", "[a", "{}", "", " ", "x3d", "null", "0x10", "1_000"),
        Arbitraries.strings().ofMaxLength(12));
  }
}
