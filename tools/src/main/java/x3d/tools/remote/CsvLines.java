package x3d.tools.remote;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import x3d.classify.Ranked;
import x3d.serve.client.Answer;

/** A table after RFC 4180, but that lines end in {@code \n}: a row a video, and three columns for each of its classes. */
final class CsvLines implements AnswerFormat {
  private static final CSVFormat FORMAT =
      CSVFormat.RFC4180.builder().setRecordSeparator("\n").get();
  private static final List<String> COLUMNS = List.of(
      "video",
      "error",
      "frames",
      "fps",
      "views",
      "crops",
      "decodeMs",
      "inferenceMs",
      "model",
      "modelVersion");

  private final int top;

  /** @param top classes of each answer */
  CsvLines(int top) {
    this.top = top;
  }

  @Override
  public String beginning() {
    return head();
  }

  @Override
  public String head() {
    Stream<Object> classes = Stream.iterate(1, i -> i + 1)
        .limit(top)
        .flatMap(i -> Stream.of("label" + i, "name" + i, "probability" + i));
    return FORMAT.format(Stream.concat(COLUMNS.stream(), classes).toArray()) + "\n";
  }

  @Override
  public String line(Outcome outcome) {
    List<Object> row = new ArrayList<>();
    row.add(outcome.video());
    row.add(outcome.error());
    if (!outcome.failed()) {
      Answer answer = outcome.answer();
      row.addAll(List.of(
          answer.frames(),
          answer.fps(),
          answer.views(),
          answer.crops(),
          answer.decodeMs(),
          answer.inferenceMs(),
          answer.model(),
          answer.modelVersion()));
      for (Ranked ranked : answer.top()) {
        row.addAll(List.of(ranked.label(), ranked.name(), ranked.probability()));
      }
    }
    while (row.size() < COLUMNS.size() + 3 * top) {
      row.add(null);
    }
    return FORMAT.format(row.toArray()) + "\n";
  }

  /** A line's end between quotes belongs to a name. */
  @Override
  public int whole(byte[] bytes) {
    int whole = 0;
    boolean quoted = false;
    for (int i = 0; i < bytes.length; i++) {
      quoted ^= bytes[i] == '"';
      if (bytes[i] == '\n' && !quoted) {
        whole = i + 1;
      }
    }
    return whole;
  }

  @Override
  public List<Line> read(String text) {
    if (!text.startsWith(head())) {
      throw new IllegalArgumentException(
          "its columns are not those of answers with " + top + " classes");
    }
    List<Line> lines = new ArrayList<>();
    try (CSVParser parser = CSVParser.parse(text.substring(head().length()), FORMAT)) {
      for (CSVRecord row : parser) {
        lines.add(line(row));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return lines;
  }

  private Line line(CSVRecord row) {
    try {
      if (row.size() == COLUMNS.size() + 3 * top) {
        String error = row.get(1);
        return error.isEmpty()
            ? new Line(
                row.get(0),
                null,
                new Asked(
                    row.get(8), Integer.parseInt(row.get(4)), Integer.parseInt(row.get(5)), top))
            : new Line(row.get(0), error, null);
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw new IllegalArgumentException(
        "row " + row.getRecordNumber() + " is no answer of this command");
  }
}
