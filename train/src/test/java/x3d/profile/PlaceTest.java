package x3d.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PlaceTest {
  @ParameterizedTest
  @CsvSource({
    "s1.pathway0_stem/FrameConv/Conv, s1, s1.pathway0_stem, FORWARD",
    "s2.pathway0_res0/branch2.b/DepthwiseConv, s2, s2.pathway0_res0.branch2.b, FORWARD",
    "s2.pathway0_res0/branch2.a/BatchNormalization/ReduceMean_1, s2, s2.pathway0_res0.branch2.a, FORWARD",
    "s4.pathway0_res10/AffineRelu, s4, s4.pathway0_res10, FORWARD",
    "s5.pathway0_res3/branch2.b/Conv_2:0_nchwc, s5, s5.pathway0_res3.branch2.b, FORWARD",
    "fused s2.pathway0_res0/branch2.se/MatMul/MatMulAddFusion, s2, s2.pathway0_res0.branch2.se, FORWARD",
    "fused s2.pathway0_res0/branch2.se/MatMul_1/MatMulAddFusion/GemmTransposeFusion/, s2, s2.pathway0_res0.branch2.se, FORWARD",
    "gradient/s3.pathway0_res1/branch1/Conv/MatMul, s3, s3.pathway0_res1.branch1, BACKWARD",
    "gradient/s3.pathway0_res1/Add/ReduceSum, s3, s3.pathway0_res1, BACKWARD",
    "head.conv_5/Reshape_new_reshape, head, head.conv_5, FORWARD",
    "gradient/head/Gemm/MatMul, head, head, BACKWARD",
    "SoftmaxCrossEntropy/LogSoftmax, loss, loss, FORWARD",
    "gradient/SoftmaxCrossEntropy/Exp, loss, loss, BACKWARD",
    "parameters/Split, parameters, parameters, FORWARD",
    "Reshape_167, parameters, gradients and statistics, BACKWARD",
    "Concat, parameters, gradients and statistics, BACKWARD"
  })
  void aNameTellsItsPlace(String name, String stage, String layer, Phase phase) {
    assertEquals(Optional.of(new Place(stage, layer, phase)), Place.of(name));
  }

  @ParameterizedTest
  @CsvSource({"ReorderOutput_token_400", "Transpose_token_3", "conv1/Conv", "s9.pathway0/Conv"})
  void namesOfOthersTellNone(String name) {
    assertEquals(Optional.empty(), Place.of(name));
  }
}
