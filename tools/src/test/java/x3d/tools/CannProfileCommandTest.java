package x3d.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** {@code x3d-tools cann-profile} on summaries as versions of CANN write them. */
final class CannProfileCommandTest {
  @TempDir
  Path folder;

  /** One run of an operator, in no version's form yet. */
  private record Run(
      String type, String core, double micros, String in, String format, String out, String to) {}

  /** Two shapes of TransposeD pass 10 s, one only with all its runs together, one just does not. */
  private static final List<Run> RUNS = List.of(
      new Run("TransposeD", "AI_CORE", 6e6, "64,24,13,80,80;5", "ND;ND", "64,13,24,80,80", "ND"),
      new Run("TransposeD", "AI_CORE", 6e6, "64,24,13,80,80;5", "ND;ND", "64,13,24,80,80", "ND"),
      new Run("TransposeD", "AI_CORE", 10e6, "8,54,13,40,40", "ND", "8,13,54,40,40", "ND"),
      new Run("TransposeD", "AI_CORE", 20e6, "832,54,40,40", "ND", "832,40,40,54", "ND"),
      new Run("Transpose", "AI_CORE", 90e6, "1,2,3,4", "ND", "1,3,2,4", "ND"),
      new Run("TransData", "AI_CORE", 11e6, "832,24,80,80", "NCHW", "832,2,80,80,16", "NC1HWC0"),
      new Run("TransData", "AI_CORE", 9e6, "832,48,40,40", "NCHW", "832,3,40,40,16", "NC1HWC0"),
      new Run("TransData", "AI_CORE", 12e6, "832,2,80,80,16", "NC1HWC0", "832,24,80,80", "NCHW"),
      new Run("TransData", "AI_CORE", 99e6, "54,1,3,3", "NCHW", "9,4,16,16", "FRACTAL_Z"),
      new Run(
          "Conv2D",
          "AI_CORE",
          50e6,
          "832,24,80,80;54,24,1,1",
          "NC1HWC0;FRACTAL_Z",
          "832,54,80,80",
          "NC1HWC0"),
      new Run("Cast", "AI_CPU", 1e6, "N/A", "N/A", "N/A", "N/A"));

  /** How a version names its columns, and writes its cells. */
  enum Version {
    CANN_5(
        "Model Name,Model ID,Task ID,Stream ID,Infer ID,Op Name,OP Type,Task Type,Task Start Time,"
            + "Task Duration(us),Task Wait Time(us),Block Dim,Input Shapes,Input Data Types,Input Formats,"
            + "Output Shapes,Output Data Types,Output Formats,aicore_time(us),total_cycles",
        "x3d,1,%1$d,5,1,%2$s,%3$s,%4$s,1043640017380.831,%5$s,0,32,\"%6$s\",FLOAT16,%7$s,\"%8$s\",FLOAT16,%9$s,1,2"),
    CANN_8(
        "Device_id,Model ID,Task ID,Stream ID,Op Name,OP Type,OP State,Task Type,Task Start Time(us),"
            + "Task Duration(us),Task Wait Time(us),Block Dim,Mix Block Dim,HF32 Eligible,Input Shapes,"
            + "Input Data Types,Input Formats,Output Shapes,Output Data Types,Output Formats,Context ID",
        "0,4294967295,%1$d,7,%2$s,%3$s,static,%4$s,\"1700000000123.456\t\",%5$s,0.5,32,0,NO,\"\"\"%6$s\"\"\","
            + "FLOAT16,%7$s,\"\"\"%8$s\"\"\",FLOAT16,%9$s,N/A"),
    KERNEL_DETAILS(
        "Device_id,Model ID,Task ID,Stream ID,Name,Type,OP State,Accelerator Core,Start Time(us),"
            + "Duration(us),Wait Time(us),Block Num,Mix Block Num,HF32 Eligible,Input Shapes,"
            + "Input Data Types,Input Formats,Output Shapes,Output Data Types,Output Formats",
        "0,1,%1$d,7,%2$s,%3$s,dynamic,%4$s,100.0\t,%5$s,0,32,0,NO,\"%6$s\",FLOAT16,%7$s,\"%8$s\",FLOAT16,%9$s"),
    UNDERSCORES(
        "\uFEFFOp_Name,Op_Type,Core_Type,Task_Duration,Input_Shapes,Input_Formats,Output_Shapes,Output_Formats",
        "%2$s,%3$s,%4$s,%5$s,\"%6$s\",%7$s,\"%8$s\",%9$s");

    private final String header;
    private final String line;

    Version(String header, String line) {
      this.header = header;
      this.line = line;
    }

    String text(List<Run> runs) {
      List<String> lines = new ArrayList<>(List.of(header));
      for (int i = 0; i < runs.size(); i++) {
        Run r = runs.get(i);
        lines.add(String.format(
            line, i, r.type + "_" + i, r.type, r.core, r.micros, r.in, r.format, r.out, r.to));
      }
      return lines.stream().collect(Collectors.joining("\r\n", "", "\r\n"));
    }
  }

  private Path file(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  private static JsonNode shapes(JsonNode lists, int list, String which) {
    var shapes = new ObjectMapper().createArrayNode();
    lists.get(list).get("entries").forEach(entry -> shapes.add(entry.get(which)));
    return shapes;
  }

  @ParameterizedTest
  @EnumSource
  void everyVersionOfTheColumnsGivesTheShapesByTheSeedsRule(Version version) throws IOException {
    Path csv = file("op_summary_0_1.csv", version.text(RUNS));
    JsonNode json = Cli.run("cann-profile", csv, "--json").succeeded().json(0);

    JsonNode lists = json.get("whiteLists");
    assertEquals("impl/dynamic/transpose.py", lists.get(0).get("file").asText());
    assertEquals(
        "[[832,54,40,40],[64,24,13,80,80]]", shapes(lists, 0, "inputShape").toString());
    assertEquals("impl/four_2_five.py", lists.get(1).get("file").asText());
    assertEquals("[[832,24,80,80]]", shapes(lists, 1, "inputShape").toString());
    assertEquals("impl/five_2_four.py", lists.get(2).get("file").asText());
    assertEquals("[[832,2,80,80,16]]", shapes(lists, 2, "inputShape").toString());
    assertEquals("[[832,24,80,80]]", shapes(lists, 2, "outputShape").toString());
    assertEquals(12, lists.get(0).get("entries").get(1).get("seconds").asDouble(), 1e-9);
    assertEquals(2, lists.get(0).get("entries").get(1).get("count").asInt());

    JsonNode first = json.get("types").get(0);
    assertEquals("TransData", first.get("name").asText());
    assertEquals("AI_CORE", first.get("cores").asText());
    assertEquals(4, first.get("count").asInt());
    assertEquals(131, first.get("seconds").asDouble(), 1e-9);
    assertEquals(131.0 / 314, first.get("share").asDouble(), 1e-9);
    assertEquals(131e6 / 4, first.get("meanMicros").asDouble(), 1e-3);
    assertEquals("TransData_8", json.get("operators").get(0).get("name").asText());
  }

  @Test
  void theListsAreReadyToPaste() throws IOException {
    Path csv = file("op_summary_0_1.csv", Version.CANN_8.text(RUNS));
    String out = Cli.run("cann-profile", csv, "--threshold", 9.5).succeeded().out();
    assertTrue(
        out.contains("\n  [832, 54, 40, 40], [64, 24, 13, 80, 80], [8, 54, 13, 40, 40]\n"), out);
    assertTrue(out.contains("impl/four_2_five.py"), out);
    assertTrue(
        out.contains("  # [832, 24, 80, 80] -> [832, 2, 80, 80, 16]: 1 runs, 11.000 s"), out);
    assertTrue(out.contains("\n  [832, 2, 80, 80, 16]\n"), out);
  }

  @Test
  void aShapeThatNoThresholdPassesIsInNoList() throws IOException {
    Path csv = file("op_summary_0_1.csv", Version.CANN_5.text(RUNS));
    String out = Cli.run("cann-profile", csv, "--threshold", 100).succeeded().out();
    assertEquals(3, out.split("no shape above 100.0 s", -1).length - 1, out);
  }

  @Test
  void aFolderIsSearchedForSummariesAndTheirTimesAdded() throws IOException {
    String half = Version.CANN_8.text(RUNS.subList(0, 1));
    file("PROF_1/mindstudio_profiler_output/op_summary_20261127.csv", half);
    file("PROF_2/mindstudio_profiler_output/op_summary_20261127.csv", half);
    file("PROF_2/mindstudio_profiler_output/op_statistic_20261127.csv", "not this");
    JsonNode json = Cli.run("cann-profile", folder, "--json").succeeded().json(0);
    assertEquals(2, json.get("files").size());
    assertEquals(
        "[[64,24,13,80,80]]", shapes(json.get("whiteLists"), 0, "inputShape").toString());
  }

  @Test
  void linesWithoutADurationAreCounted() throws IOException {
    String text = Version.UNDERSCORES.text(RUNS) + "hcom,AllReduce,HCCL,N/A,N/A,N/A,N/A,N/A\r\n";
    JsonNode json = Cli.run("cann-profile", file("op_summary.csv", text), "--json")
        .succeeded()
        .json(0);
    assertEquals(1, json.get("withoutDuration").asInt());
    assertEquals(RUNS.size(), json.get("tasks").asInt());
  }

  private void refused(String name, String text, String... words) throws IOException {
    Path csv = file(name, text);
    Cli run = Cli.run("cann-profile", csv);
    assertEquals(1, run.exit(), run.out());
    assertEquals(1, run.err().lines().count(), run.err());
    for (String word : words) {
      assertTrue(run.err().contains(word), run.err());
    }
    assertTrue(run.err().contains(csv.toString()), run.err());
  }

  @Test
  void otherFilesAreRefusedInOneLineThatSaysWhatIsThere() throws IOException {
    refused("empty.csv", "", "empty");
    refused(
        "op_statistic.csv",
        "Device_id,OP Type,Core Type,Count,Total Time(us),Ratio(%)\n0,Conv2D,AI_CORE,1,2,3\n",
        "no column Task Duration(us) or Duration(us)",
        "there are: Device_id, OP Type, Core Type, Count, Total Time(us), Ratio(%)");
    refused("header.csv", Version.CANN_8.text(List.of()), "no operator in it");
    refused("text.csv", "Once upon a time\n", "no column OP Type or Type", "Once upon a time");
    refused("quote.csv", Version.UNDERSCORES.header + "\n\"a\"b,c\n", "not csv");
    refused(
        "short.csv", Version.UNDERSCORES.header + "\na,TransData,AI_CORE,5\n", "line 2", "too few");
    refused(
        "shape.csv",
        Version.UNDERSCORES.header + "\na,TransData,AI_CORE,5,64x3,NCHW,3,NCHW\n",
        "line 2",
        "'64x3' is no list of shapes");
    refused(
        "number.csv",
        Version.UNDERSCORES.header + "\na,TransData,AI_CORE,five,3,NCHW,3,NCHW\n",
        "line 2",
        "the duration 'five' is no number");
  }

  @Test
  void bytesThatAreNoTextAreRefused() throws IOException {
    Path file = Files.write(folder.resolve("a.csv"), new byte[] {(byte) 0xff, 0, (byte) 0xc3, 10});
    Cli run = Cli.run("cann-profile", file);
    assertEquals(1, run.exit());
    assertTrue(run.err().contains(file + ": not csv in UTF-8"), run.err());
  }

  @Test
  void aFileOrSummaryThatIsNotThereIsNamed() {
    Cli gone = Cli.run("cann-profile", folder.resolve("gone.csv"));
    assertEquals(1, gone.exit());
    assertTrue(gone.err().contains("no such file: "), gone.err());
    Cli none = Cli.run("cann-profile", folder);
    assertEquals(1, none.exit());
    assertTrue(none.err().contains("no op_summary_*.csv in it"), none.err());
  }
}
