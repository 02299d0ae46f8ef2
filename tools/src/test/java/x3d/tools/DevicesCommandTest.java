package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import x3d.classify.SmallModel;

/** {@code devices}, and the options of commands that run on them, with the plain natives. */
final class DevicesCommandTest {
  @Test
  void theCpuCanBeUsedAndWhatCannotHasReasonAndRemedy() throws IOException {
    JsonNode answer = Cli.run("devices", "--json").succeeded().json(0);
    assertEquals("1.24.1", answer.get("onnxruntime").asText());
    assertTrue(answer.get("bundled").asBoolean());
    JsonNode cpu = answer.get("providers").get(0);
    assertEquals("cpu", cpu.get("provider").asText());
    assertTrue(cpu.get("usable").asBoolean());
    assertEquals(1, cpu.get("devices").size());
    assertTrue(cpu.get("trainingKernels").toString().contains("ConvGrad"));
    JsonNode cuda = answer.get("providers").get(1);
    assertTrue(cuda.get("problems")
        .get(0)
        .get("reason")
        .asText()
        .contains("libonnxruntime_providers_cuda.so"));
    JsonNode cann = answer.get("providers").get(2);
    assertTrue(cann.get("problems").get(0).get("remedy").asText().contains("--use_cann"));
    String shown = Cli.run("devices").succeeded().out();
    assertTrue(shown.contains("x3d needs none: ConvGrad, BatchNormInternal"), shown);
    assertTrue(shown.contains("cuda  cannot be used"), shown);
    assertTrue(shown.contains("    -> build x3d with mvn -Pcuda"), shown);
  }

  @Test
  void oneProviderIsAskedForByExitCode() {
    assertEquals(0, Cli.run("devices", "--ep", "cpu").exit());
    assertEquals(1, Cli.run("devices", "--ep", "cann").exit());
    assertEquals(2, Cli.run("devices", "--ep", "tpu").exit());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1 | --ep cuda | --ep cuda cannot be used here: the bundled ONNX Runtime 1.24.1 has no libonnxruntime_providers_cuda.so (build x3d",
        "1 | --ep cann --devices 8 | --ep cann cannot be used here: the bundled ONNX Runtime 1.24.1 is built without the CANN provider (build",
        "1 | --ort-home /no/such/folder | no such folder: /no/such/folder; name the one that holds",
        "2 | --ep tpu | --ep: no execution provider 'tpu'; there are: cpu, cuda, cann",
        "2 | --ep cuda --ep-option cudnn_conv_algo_search=DEFAULT | --ep-option: provider option cudnn_conv_algo_search is 'DEFAULT'",
        "2 | --ep-option use_tf32=1 | --ep-option: the provider cpu has no option 'use_tf32'",
        "2 | --ep cuda --devices 0,0 | --devices is '0,0'; it must be how many (8) or different numbers from 0 on (0,2,5)",
        "2 | --ep cuda --devices 0 | --devices is '0'",
        "2 | --ep cuda --devices x | --devices is 'x'",
        "2 | --devices 2 | --devices: the CPU is one device here",
        "2 | --threads 0 | --threads is 0; it must be 1 or more"
      })
  void whatCannotBeIsRefusedAtOnce(int exit, String options, String message, @TempDir Path folder)
      throws IOException {
    Path model = SmallModel.writeTo(folder);
    Object[] call = (("classify --model " + model + " none.mp4 " + options).split(" "));
    Cli answer = Cli.run(call);
    assertEquals(exit, answer.exit(), answer.err());
    assertTrue(answer.err().startsWith("x3d-tools classify: " + message), answer.err());
  }
}
