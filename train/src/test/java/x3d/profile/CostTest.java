package x3d.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class CostTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // 2 x 24 x 13 x 80 x 80 outputs of 3 x 3 x 3 weights each
        "Conv | [2,3,13,160,160];[24,3,1,3,3] | [2,24,13,80,80] | 215654400",
        "FusedConv | [1,24,2,4,4];[24,1,3,3,3];[24] | [1,24,2,4,4] | 41472",
        "ConvTranspose | [1,4,5,5];[4,3,2,2] | [1,3,10,10] | 2400",
        "ConvGrad | [1,8,2,4,4];[1,4,2,4,4];[8,4,3,3] | [1,4,2,4,4];[8,4,3,3] | 36864",
        "BatchNormInternal | [2,3,4,4];[3];[3] | [2,3,4,4] | 576",
        "MatMul | [5,7];[7,3] | [5,3] | 210",
        "FusedMatMul | [7,5];[7,3] | [5,3] | 210",
        "FusedMatMul | [2,4,7,5];[2,4,7,3] | [2,4,5,3] | 1680",
        "FusedGemm | [2,54];[8] | [2,8] | 1728",
        "DepthwiseConv | [1,2,3,4,4];[2,1,3,3,3] | [1,2,3,4,4];[1,2];[1,2] | 5472",
        "DepthwiseConvGradient | [1,2,3,4,4];[1,2,3,4,4];[1,2];[1,2];[1,2];[1,2,3,4,4];[2,1,3,3,3] "
            + "| [1,2,3,4,4];[2,1,3,3,3] | 10752",
        "FrameConvWeightGradient | [2,4,3,8,8];[2,3,3,16,16] | [2,4,3,1,3,3] | 82944",
        "Moments | [2,3,1,4,4] | [2,3];[2,3] | 288",
        "Mul | [2,3];[3] | [2,3] | 6",
        "Sigmoid | [2,3] | [2,3] | 54",
        "ReduceSum | [2,30];[1] | [2] | 60",
        "Transpose | [2,3] | [3,2] | 0",
        "Reshape | [2,3];[1] | [6] | 0",
        "NeverHeardOf | [2,3] | [6] | 0"
      })
  void operationsFollowFromShapes(String operator, String in, String out, double operations)
      throws JsonProcessingException {
    assertEquals(operations, Cost.of(operator, args(in, out)).operations());
  }

  @ParameterizedTest
  @CsvSource({"Mul, 1110", "Transpose, 1110", "Reshape, 0", "Squeeze, 0", "Identity, 0"})
  void bytesAreThoseReadAndWrittenUnlessItOnlyLooksOtherwise(String operator, double bytes)
      throws JsonProcessingException {
    assertEquals(bytes, Cost.of(operator, args("[2,3]", "[2,3]")).bytes());
  }

  private static JsonNode args(String in, String out) throws JsonProcessingException {
    return new ObjectMapper()
        .readTree(
            "{\"input_type_shape\": " + tensors(in) + ", \"output_type_shape\": "
                + tensors(out)
                + ", \"activation_size\": \"1000\", \"parameter_size\": \"100\", \"output_size\": \"10\"}");
  }

  private static String tensors(String shapes) {
    return "[{\"float\": " + shapes.replace(";", "}, {\"float\": ") + "}]";
  }
}
