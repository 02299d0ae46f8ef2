package x3d.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Shapes and attributes that do not fit are refused with what was wrong and what would be right. */
class RefusalTest {
  private static final Sizes FITTING = new Sizes(2, 3, 4, 5, 6, "3x3x3", 2);

  /** Every input of every operator, with an axis too many, too few, and of another size. */
  @ParameterizedTest
  @EnumSource
  void aShapeThatDoesNotFitTheOthersIsRefused(Trial trial) {
    List<long[]> shapes = trial.shapes(FITTING);
    Kernel kernel = trial.kernel(FITTING);
    for (int i = 0; i < shapes.size(); i++) {
      long[] shape = shapes.get(i);
      List<long[]> wrong = new ArrayList<>();
      wrong.add(new long[0]);
      wrong.add(Arrays.copyOf(shape, shape.length - 1));
      wrong.add(Arrays.copyOf(shape, shape.length + 1));
      if (shapes.size() > 1) {
        long[] more = shape.clone();
        more[trial == Trial.FRAME_CONV_WEIGHT_GRADIENT ? 4 : 1] += 1; // its channels are free
        wrong.add(more);
      }
      for (long[] other : wrong) {
        List<long[]> given = new ArrayList<>(shapes);
        given.set(i, other);
        IllegalArgumentException e =
            assertThrows(IllegalArgumentException.class, () -> kernel.plan(given));
        assertTrue(e.getMessage().matches(".* must be .*, got \\[[0-9, ]*\\]"), e.getMessage());
      }
    }
  }

  static List<Arguments> messages() {
    return List.of(
        Arguments.of(
            Operator.MOMENTS, List.of(shape(2, 3)), "x must be [N, C, T, H, W], got [2, 3]"),
        Arguments.of(
            Operator.MOMENTS,
            List.of(shape(1, 1, 2048, 1024, 1024)),
            "x must be of less than 2^31 elements, got [1, 1, 2048, 1024, 1024]"),
        Arguments.of(
            Operator.MOMENTS,
            List.of(shape(1L << 40, 1L << 40, 1, 1, 1)),
            "x must be of less than 2^31 elements, got [1099511627776, 1099511627776, 1, 1, 1]"),
        Arguments.of(
            Operator.SUBSAMPLE_GRADIENT,
            List.of(shape(2, 3), shape(2, 3)),
            "dx must be [N, C, T, H, W], got [2, 3]"),
        Arguments.of(
            Operator.DEPTHWISE_CONV,
            List.of(shape(1, 1, 1, 1, 1L << 30), shape(1, 1, 3, 3, 3)),
            "a volume of 1x1x1073741824 with a kernel of 3x3x3 at stride 1 must fit 2^31 floats with"
                + " its padding"),
        Arguments.of(
            Operator.AFFINE_SWISH,
            List.of(shape(2, 3, 1, 1, 1), shape(1, 3), shape(3, 3), shape(2, 3)),
            "scale must be [2 or 1, 3], got [3, 3]"),
        Arguments.of(
            Operator.AFFINE_RELU,
            List.of(
                shape(2, 3, 1, 1, 1), shape(1, 3), shape(1, 3), shape(2, 3), shape(2, 3, 1, 1, 2)),
            "shortcut must be [2, 3, 1, 1, 1], got [2, 3, 1, 1, 2]"),
        Arguments.of(
            Operator.DEPTHWISE_CONV,
            List.of(shape(2, 3, 4, 5, 6), shape(4, 1, 3, 3, 3)),
            "w must be [3, 1, kT, kH, kW], got [4, 1, 3, 3, 3]"),
        Arguments.of(
            Operator.DEPTHWISE_CONV,
            List.of(shape(2, 3, 4, 5, 6), shape(3, 1, 3, 2, 3)),
            "the sides of a channelwise kernel must be odd, got 3x2x3"),
        Arguments.of(
            Operator.DEPTHWISE_CONV,
            List.of(shape(2, 3, 4, 0, 6), shape(3, 1, 3, 3, 3)),
            "a volume of 4x0x6 at stride 1: all must be 1 or more"),
        Arguments.of(
            Operator.DEPTHWISE_CONV,
            List.of(shape(2, 3, 4, 5, 6), shape(3, 1, 3, 3, 3), shape(1, 3)),
            "center, scale and shift come together: 5 inputs, got 3"),
        Arguments.of(
            Operator.AFFINE_RELU,
            List.of(
                shape(2, 3, 1, 1, 1),
                shape(1, 3),
                shape(1, 3),
                shape(2, 3),
                shape(2, 3, 1, 1, 1),
                shape(1, 3)),
            "center, scale and shift come together: 8 inputs, got 6"),
        Arguments.of(
            Operator.AFFINE_RELU_GRADIENT,
            List.of(
                shape(2, 3, 1, 1, 1),
                shape(2, 3, 1, 1, 1),
                shape(2, 3, 1, 1, 1),
                shape(1, 3),
                shape(1, 3),
                shape(2, 3, 1, 1, 1)),
            "a shortcut's center and scale come with it: 8 inputs, got 6"),
        Arguments.of(
            Operator.SUBSAMPLE_GRADIENT,
            List.of(shape(1, 1, 1, 5, 5), shape(1, 1, 1, 4, 5)),
            "dy must be [1, 1, 1, 5, 5], got [1, 1, 1, 4, 5]"),
        Arguments.of(
            Operator.FRAME_CONV_WEIGHT_GRADIENT,
            List.of(shape(1, 4, 2, 3, 3), shape(1, 3, 2, 5, 5)),
            "dy must be [1, 4, 2, 5, 5], got [1, 4, 2, 3, 3]"));
  }

  private static long[] shape(long... sizes) {
    return sizes;
  }

  @ParameterizedTest
  @MethodSource("messages")
  void theMessageSaysWhatWouldBeRight(Operator operator, List<long[]> shapes, String message) {
    Kernel kernel = operator.kernel((name, otherwise) -> otherwise);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> kernel.plan(shapes));
    assertEquals(message, e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', textBlock = """
          DEPTHWISE_CONV             | stride | 0           | stride must be from 1 to 2147483647, got 0
          DEPTHWISE_CONV             | stride | -2          | stride must be from 1 to 2147483647, got -2
          DEPTHWISE_CONV             | stride | 4294967297  | stride must be from 1 to 2147483647, got 4294967297
          DEPTHWISE_CONV_ACTIVATION  | stride | 0           | stride must be from 1 to 2147483647, got 0
          DEPTHWISE_CONV_GRADIENT    | stride | 0           | stride must be from 1 to 2147483647, got 0
          SUBSAMPLE                  | stride | 0           | stride must be from 1 to 2147483647, got 0
          SUBSAMPLE_GRADIENT         | stride | 0           | stride must be from 1 to 2147483647, got 0
          FRAME_CONV_WEIGHT_GRADIENT | stride | 0           | stride must be from 1 to 2147483647, got 0
          FRAME_CONV_WEIGHT_GRADIENT | height | 2           | the kernel's height must be odd, got 2
          FRAME_CONV_WEIGHT_GRADIENT | width  | -1          | the kernel's width must be from 1 to 2147483647, got -1
          """)
  void anAttributeOutOfRangeIsRefusedWhenTheKernelIsMade(
      Operator operator, String attribute, long value, String message) {
    IllegalArgumentException e = assertThrows(
        IllegalArgumentException.class,
        () -> operator.kernel(Map.of(attribute, value)::getOrDefault));
    assertEquals(message, e.getMessage());
  }
}
