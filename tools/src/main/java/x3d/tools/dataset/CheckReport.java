package x3d.tools.dataset;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import x3d.tools.Json;

/**
 * What {@code dataset check} found: {@code check.json}, and of the corrupted videos {@code corrupted.csv}.
 *
 * @param kind always {@link #KIND}
 * @param version of x3d that looked
 * @param fast whether only samples were decoded
 * @param lists that were checked, as they were
 * @param corrupted how many videos have a fault
 * @param videos of all lists, each once, in the order in which they are first listed
 */
record CheckReport(
    String kind,
    String version,
    boolean fast,
    List<CheckedList> lists,
    int corrupted,
    List<CheckedVideo> videos) {
  static final String KIND = "dataset check";

  /**
   * A list.
   *
   * @param file its path as it was given
   * @param sha256 of the file
   * @param videos how many it has
   */
  record CheckedList(String file, String sha256, int videos) {}

  private static final JsonMapper MAPPER = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .build();

  /** A line that {@link Json#line} made of a video. */
  static CheckedVideo video(String line) {
    try {
      return MAPPER.readValue(line, CheckedVideo.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("not a checked video: " + line, e);
    }
  }

  /**
   * Reads {@code check.json}.
   *
   * @throws IllegalArgumentException naming the file if it is something else
   */
  static CheckReport read(Path file) throws IOException {
    try {
      CheckReport report = MAPPER.readValue(Files.readAllBytes(file), CheckReport.class);
      if (KIND.equals(report.kind())) {
        return report;
      }
    } catch (JsonProcessingException e) {
      // said below: a large file is not read twice to say what else it may be
    }
    throw new IllegalArgumentException(
        file + ": not a check.json as this version of x3d-tools dataset check writes it");
  }

  /** Writes both files, each whole or not at all, {@code check.json} last. */
  void save(Path folder) throws IOException {
    Json.save(folder.resolve("corrupted.csv"), csv());
    DefaultPrettyPrinter lines = new DefaultPrettyPrinter();
    lines.indentArraysWith(DefaultIndenter.SYSTEM_LINEFEED_INSTANCE.withLinefeed("\n"));
    lines.indentObjectsWith(new DefaultPrettyPrinter.FixedSpaceIndenter());
    String json = MAPPER.writer(lines).writeValueAsString(this) + "\n";
    Json.save(folder.resolve("check.json"), json.getBytes(UTF_8));
  }

  /** The corrupted videos as a table for people and spreadsheets. */
  private String csv() {
    return Stream.concat(
            Stream.<Object[]>of(new Object[] {"video", "reason", "seconds", "errors", "detail"}),
            videos.stream().filter(video -> !video.sound()).map(CheckReport::row))
        .map(row -> CSVFormat.RFC4180.format(row) + "\n")
        .collect(Collectors.joining());
  }

  private static Object[] row(CheckedVideo video) {
    CheckedVideo.Fault fault = video.fault();
    return new Object[] {
      video.video(), fault.reason(), fault.seconds(), fault.errors(), fault.detail()
    };
  }
}
