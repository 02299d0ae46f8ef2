package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.net.Lowering;
import x3d.net.Precision;

class RecipeTest {
  private static Recipe defaults(String... overrides) {
    return Recipe.defaults().withOverrides(List.of(overrides));
  }

  private static String refusal(String... overrides) {
    return assertThrows(RecipeException.class, () -> defaults(overrides).checked())
        .getMessage();
  }

  @Test
  void slowFastsOwnX3dSRunsAsItIs() throws IOException {
    try (InputStream in = getClass().getResourceAsStream("/recipes/slowfast_X3D_S.yaml")) {
      Recipe recipe = Recipe.read(
              new String(in.readAllBytes(), StandardCharsets.UTF_8), "X3D_S.yaml")
          .checked();
      assertEquals(128, recipe.integer("TRAIN.BATCH_SIZE"));
      assertEquals(5e-5, recipe.real("SOLVER.WEIGHT_DECAY"));
      assertEquals(List.of(182, 228), recipe.integers("DATA.TRAIN_JITTER_SCALES"));
    }
  }

  @Test
  void seedRecipeIsTheIssues() {
    Recipe seed = Recipe.seed().checked();
    assertEquals(256, seed.integer("TRAIN.BATCH_SIZE"));
    assertEquals(8, seed.integer("NUM_GPUS"));
    assertEquals(0.05, seed.real("SOLVER.BASE_LR"));
    assertEquals(0.02, seed.real("SOLVER.WARMUP_START_LR"));
    assertEquals(35, seed.real("SOLVER.WARMUP_EPOCHS"));
    assertEquals(128, seed.real("APEX.LOSS_SCALE"));
    assertEquals(2, seed.whole("RNG_SEED"));
    assertEquals(13, seed.integer("DATA.NUM_FRAMES"));
    assertTrue(seed.flag("RESNET.ZERO_INIT_FINAL_BN"));
    assertEquals(seed, Recipe.read(Path.of("x3d_s_kinetics")));
  }

  @Test
  void unknownKeysAreNamedTogetherWithTheirNearMisses() {
    assertEquals(
        "my.yaml: unknown key TRAIN.BATCHSIZE (did you mean TRAIN.BATCH_SIZE?); "
            + "unknown key SOLVER.NUM_FRAMES (did you mean DATA.NUM_FRAMES?); "
            + "unknown key COLOUR.QUALITY",
        assertThrows(
                RecipeException.class,
                () -> Recipe.read(
                    "TRAIN: {BATCHSIZE: 2}\nSOLVER: {NUM_FRAMES: 3}\nCOLOUR: {QUALITY: 1}",
                    "my.yaml"))
            .getMessage());
  }

  @Test
  void aTypoOnTheCommandLineIsAnsweredTheSameWay() {
    assertEquals(
        "command line: unknown key SOLVER.BASELR (did you mean SOLVER.BASE_LR?)",
        refusal("SOLVER.BASELR", "0.05"));
    assertEquals(
        "overrides come in pairs, KEY VALUE: 'SOLVER.BASE_LR' has no value",
        refusal("SOLVER.BASE_LR"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "APEX.OPT_LEVEL | O3 | float16 without float32 parameters, in which small updates are lost",
        "APEX.OPT_LEVEL | o2 | it must be O0 (float32), O1",
        "APEX.LOSS_SCALE | static | APEX.LOSS_SCALE is 'static', which is not a number or dynamic",
        "APEX.LOSS_SCALE | 0 | APEX.LOSS_SCALE is 0.0; it must be above 0 and at most 16777216",
        "APEX.LOSS_SCALE | 1e9 | it must be above 0 and at most 16777216, or dynamic",
        "MODEL.ARCH | slowfast | the network is X3D (x3d)",
        "SOLVER.OPTIMIZING_METHOD | adamw | the optimizer is SGD (sgd)",
        "SOLVER.BASE_LR | fast | SOLVER.BASE_LR is 'fast', which is not a number",
        "TRAIN.BATCH_SIZE | 2.5 | which is not a whole number",
        "TRAIN.BATCH_SIZE | 0 | TRAIN.BATCH_SIZE is 0; it must be at least 1",
        "SHARD_ID | 1 | mpirun or srun numbers the processes (0)",
        "NUM_GPUS | 3 | TRAIN.BATCH_SIZE x NUM_SHARDS is 64, which NUM_GPUS 3",
        "DATA.TRAIN_JITTER_SCALES | [228, 182] | it must be [least, most]",
        "DATA.TRAIN_CROP_SIZE | 300 | it must be [least, most]",
        "MODEL.DROPOUT_RATE | 1 | MODEL.DROPOUT_RATE is 1.0; it must be from 0 to below 1",
        "SOLVER.LR_POLICY | linear | it must be cosine or steps_with_relative_lrs",
        "MULTIGRID.LONG_CYCLE | True | multigrid training is not built (False)",
        "AUG.ENABLE | True | RandAugment is not built (False)"
      })
  void valuesThatCannotBeObeyedAreRefused(String key, String value, String words) {
    String message = refusal(key, value);
    assertTrue(message.contains(words), message);
    assertTrue(message.lines().count() == 1, message);
  }

  @ParameterizedTest
  @CsvSource({
    "True, O0, False, FLOAT32",
    "True, O1, False, FLOAT16_PRODUCTS",
    "True, O2, False, FLOAT16",
    "False, O2, False, FLOAT32",
    "False, O3, False, FLOAT32",
    "True, O0, True, FLOAT16_PRODUCTS",
    "True, O1, True, FLOAT16_PRODUCTS",
    "False, O2, True, FLOAT16_PRODUCTS"
  })
  void precisionIsApexsOrThatOfMixedPrecision(
      String apex, String level, String mixed, Precision precision) {
    Recipe recipe = defaults(
            "APEX.ENABLE", apex, "APEX.OPT_LEVEL", level, "TRAIN.MIXED_PRECISION", mixed)
        .checked();
    assertEquals(precision, Network.precision(recipe));
    if (precision != Precision.FLOAT32) {
      assertEquals(Lowering.CONV3D, Network.lowering(recipe));
    }
  }

  @Test
  void precisionsThatContradictOneAnotherAreRefused() {
    assertTrue(refusal("TRAIN.MIXED_PRECISION", "True", "APEX.OPT_LEVEL", "O2")
        .contains("set one of them only"));
    assertTrue(refusal("TRAIN.MIXED_PRECISION", "True", "APEX.LOSS_SCALE", "128")
        .contains("set it to dynamic, or use APEX.OPT_LEVEL O1 instead"));
    assertTrue(refusal("MODEL.LOWERING", "kernels", "APEX.OPT_LEVEL", "O2")
        .contains("set MODEL.LOWERING to conv3d, planes or auto"));
  }

  @Test
  void aDynamicLossScaleSurvivesTheFile() {
    Recipe recipe = defaults("APEX.LOSS_SCALE", "dynamic");
    assertTrue(recipe.lossScale().isEmpty());
    assertEquals(recipe, Recipe.read(recipe.toYaml(), "again.yaml"));
  }

  @Test
  void keysOfOtherNetworksAndToolsAreHarmless() {
    Recipe recipe = defaults(
        "MVIT.DEPTH", "4", "DEMO.FPS", "12", "TEST.BATCH_SIZE", "8", "RESNET.DEPTH", "101");
    recipe.checked();
  }

  @Test
  void overridesAreWrittenAsInPython() {
    Recipe recipe = defaults(
        "DATA.TRAIN_JITTER_SCALES", "(230, 240)",
        "DATA.RANDOM_FLIP", "False",
        "SOLVER.CLIP_GRAD_L2NORM", "1e1",
        "DATA.FLIP_EXEMPT_CLASSES", "['turn left', 7]");
    assertEquals(List.of(230, 240), recipe.integers("DATA.TRAIN_JITTER_SCALES"));
    assertEquals(10, recipe.optionalReal("SOLVER.CLIP_GRAD_L2NORM").getAsDouble());
    assertEquals(List.of("turn left", "7"), recipe.texts("DATA.FLIP_EXEMPT_CLASSES"));
    assertTrue(recipe
        .withOverrides(List.of("SOLVER.CLIP_GRAD_L2NORM", "None"))
        .optionalReal("SOLVER.CLIP_GRAD_L2NORM")
        .isEmpty());
  }

  @Test
  void readsBackWhatItWrites() {
    Recipe recipe = Recipe.seed()
        .withOverrides(List.of(
            "DATA.PATH_LABEL_SEPARATOR", ",",
            "DATA.PATH_PREFIX", "/videos: the 'best'",
            "SOLVER.STEPS", "[0, 4.5]",
            "DATA.FLIP_EXEMPT_CLASSES", "['on', '12']",
            "TEST.SAVE_RESULTS_PATH", "out"));
    assertEquals(recipe, Recipe.read(recipe.toYaml(), "written"));
    assertEquals(Recipe.defaults(), Recipe.read(Recipe.defaults().toYaml(), "written"));
  }

  @Test
  void brokenYamlIsNamedByLine() {
    String message = assertThrows(
            RecipeException.class, () -> Recipe.read("TRAIN:\n  BATCH_SIZE: [1\n", "my.yaml"))
        .getMessage();
    assertTrue(message.startsWith("recipe my.yaml:"), message);
    assertEquals(
        "recipe none.yaml: no such file, nor one of those shipped: x3d_s_kinetics,"
            + " x3d_s_kinetics_1p, x3d_s_performance, x3d_s_performance_1p, x3d_s_finetune",
        assertThrows(RecipeException.class, () -> Recipe.read(Path.of("none.yaml")))
            .getMessage());
    assertTrue(assertThrows(RecipeException.class, () -> Recipe.read("- 1", "list.yaml"))
        .getMessage()
        .contains("is not a list of keys"));
  }

  @Test
  void aKeyGivenTwiceIsRefused() {
    String message = assertThrows(
            RecipeException.class,
            () -> Recipe.read("TRAIN:\n  BATCH_SIZE: 1\n  BATCH_SIZE: 2\n", "my.yaml"))
        .getMessage();
    assertTrue(message.contains("BATCH_SIZE"), message);
  }

  @Test
  void differencesNameKeyAndBothValues() {
    assertEquals(
        List.of("SOLVER.BASE_LR: 0.1 -> 0.2"),
        Recipe.defaults().differences(defaults("SOLVER.BASE_LR", "0.2")));
  }
}
