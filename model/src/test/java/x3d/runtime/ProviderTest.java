package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProviderTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "CUDA | use_tf32 | yes | provider option use_tf32 is 'yes'; it must be 0 or 1",
        "CUDA | gpu_mem_limit | 2G | provider option gpu_mem_limit is '2G'; it must be a whole number of 0 or more",
        "CUDA | cudnn_conv_algo_search | DEFAULT | provider option cudnn_conv_algo_search is 'DEFAULT'; it must be one of EXHAUSTIVE, HEURISTIC",
        "CUDA | device_id | 1 | provider option device_id: --devices says which",
        "CANN | precision_mode | fp16 | provider option precision_mode is 'fp16'; it must be one of force_fp32, cube_fp16in_fp32out, force_fp16, allow_fp32_to_fp16, must_keep_origin_dtype, allow_mix_precision, allow_mix_precision_fp16",
        "CANN | dump_grafs | 1 | the provider cann has no option 'dump_grafs'; it has arena_extend_strategy, dump_graphs, dump_om_model, enable_cann_graph, npu_mem_limit, op_select_impl_mode, optypelist_for_implmode, precision_mode",
        "CPU | use_tf32 | 1 | the provider cpu has no option 'use_tf32'; it has none"
      })
  void aWrongOptionIsRefusedWithWhatWouldBeRight(
      Provider provider, String name, String value, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class, () -> provider.options(Map.of(name, value), false))
            .getMessage());
  }

  @Test
  void optionsOverrideWhatX3dWouldChooseAndTheDeviceIsTheDevices() {
    ProviderOptions options = Provider.CUDA.options(
        Map.of("cudnn_conv_algo_search", "HEURISTIC", "use_tf32", "false"), false);
    assertEquals(
        Map.of(
            "arena_extend_strategy", "kSameAsRequested",
            "cudnn_conv_algo_search", "HEURISTIC",
            "cudnn_conv_use_max_workspace", "1",
            "device_id", "3",
            "use_tf32", "0"),
        Provider.CUDA.settings(new Device(Provider.CUDA, 3, 1, options)));
  }

  @Test
  void aProviderThatIsNotHereFailsAtOnceWithReasonAndRemedy() {
    assertUnusable(
        Provider.CUDA,
        "--ep cuda cannot be used here: the bundled ONNX Runtime 1.24.1 has no"
            + " libonnxruntime_providers_cuda.so (build x3d with mvn -Pcuda, or name an ONNX Runtime"
            + " built with CUDA by --ort-home)");
    assertUnusable(
        Provider.CANN,
        "--ep cann cannot be used here: the bundled ONNX Runtime 1.24.1 is built without the CANN"
            + " provider (build ONNX Runtime 1.24 with --use_cann and name the folder of its"
            + " libraries by --ort-home)");
  }

  /** Also where somebody has the hardware: the natives of the tests are the plain ones. */
  private static void assertUnusable(Provider provider, String message) {
    RuntimeFailure e = assertThrows(
        RuntimeFailure.class, () -> Session.open(new byte[0], new Device(provider, 0, 1)));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  @Test
  void anUnknownNameIsRefusedWithTheKnownOnes() {
    assertEquals(
        "no execution provider 'tpu'; there are: cpu, cuda, cann",
        assertThrows(RuntimeFailure.class, () -> Provider.of("tpu")).getMessage());
    assertEquals(Provider.CANN, Provider.of("Cann"));
  }
}
