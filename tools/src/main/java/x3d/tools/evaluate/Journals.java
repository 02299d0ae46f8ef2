package x3d.tools.evaluate;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import x3d.tools.Json;
import x3d.tools.Sha256;
import x3d.tools.Shard;

/**
 * What an evaluation that is not finished has seen so far: a file a shard in the output folder, {@code
 * unfinished-KEY-I-of-N.jsonl}, whose first line says what is evaluated and each other one what came of a video. KEY follows from
 * the first line, so that evaluations of different models, lists or settings never meet. A line that a killed process left
 * half written counts for nothing. Videos that could not be read are not written down: a later run tries them again.
 */
final class Journals {
  private static final Pattern NAME =
      Pattern.compile("unfinished-([0-9a-f]{12})-(\\d{1,9})-of-(\\d{1,9})\\.jsonl");
  private static final ObjectMapper MAPPER = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .build();

  private final Path folder;
  private final Head head;
  private final String key;

  /** The first line. */
  private record Head(Subject subject, String firstVideo) {}

  /** @param firstVideo of the list: where the videos lie, which the list may leave open */
  Journals(Path folder, Subject subject, Path firstVideo) {
    this.folder = folder;
    this.head = new Head(subject, firstVideo.toString());
    this.key = Sha256.of(Json.line(head).getBytes(UTF_8)).substring(0, 12);
  }

  private List<Path> files() throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(file -> name(file).matches()).sorted().toList();
    }
  }

  private static Matcher name(Path file) {
    return NAME.matcher(file.getFileName().toString());
  }

  private boolean isOurs(Path file) {
    Matcher name = name(file);
    return name.matches() && name.group(1).equals(key);
  }

  /** A line for each journal of another evaluation, which is neither used nor touched: why not. */
  List<String> others() throws IOException {
    List<String> lines = new ArrayList<>();
    for (Path file : files()) {
      if (!isOurs(file)) {
        lines.add(other(file));
      }
    }
    return lines;
  }

  private String other(Path file) throws IOException {
    String why = "holds no evaluation";
    List<String> lines = whole(Files.readAllBytes(file));
    if (!lines.isEmpty()) {
      Head theirs = read(lines.get(0), Head.class);
      why = theirs == null
          ? why
          : theirs
              .subject()
              .difference("it", head.subject(), "this evaluation")
              .map(words -> words.replaceFirst("^it: ", ""))
              .orElse("its paths are others");
    }
    return file + ": left aside: " + why;
  }

  /** What is known of a part of the list, from whatever shards or ranks it was seen by. */
  Map<Integer, Outcome> read(Shard part) throws IOException {
    Map<Integer, Outcome> known = new TreeMap<>();
    for (Path file : files()) {
      if (isOurs(file)) {
        outcomes(Files.readAllBytes(file)).stream()
            .filter(o -> o.index() % part.count() == part.index())
            .forEach(o -> known.put(o.index(), o));
      }
    }
    return known;
  }

  private static List<Outcome> outcomes(byte[] bytes) {
    return whole(bytes).stream()
        .skip(1)
        .map(line -> read(line, Outcome.class))
        .takeWhile(outcome -> outcome != null)
        .toList();
  }

  /** How many bytes are whole lines that can be read. */
  private static long good(byte[] bytes) {
    List<String> lines = whole(bytes);
    return lines.stream()
        .limit(lines.isEmpty() ? 0 : 1 + outcomes(bytes).size())
        .mapToLong(line -> line.getBytes(UTF_8).length + 1)
        .sum();
  }

  /** The lines that end. */
  private static List<String> whole(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    return text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
  }

  private static <T> T read(String line, Class<T> kind) {
    try {
      return MAPPER.readValue(line, kind);
    } catch (JsonProcessingException e) {
      return null;
    }
  }

  /** Begins, or goes on with, the journal of a part. */
  Journal open(Shard part) throws IOException {
    Files.createDirectories(folder);
    Path file =
        folder.resolve("unfinished-" + key + "-" + part.index() + "-of-" + part.count() + ".jsonl");
    FileChannel channel = FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      channel.truncate(good(Files.readAllBytes(file)));
      channel.position(channel.size());
      Journal journal = new Journal(channel);
      if (channel.size() == 0) {
        journal.write(head);
      }
      return journal;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  /** Deletes the journals of this evaluation that a whole and its parts have left. */
  void remove(Shard whole) throws IOException {
    for (Path file : files()) {
      Matcher name = name(file);
      if (isOurs(file)
          && name.matches()
          && Long.parseLong(name.group(3)) % whole.count() == 0
          && Long.parseLong(name.group(2)) % whole.count() == whole.index()) {
        Files.deleteIfExists(file);
      }
    }
  }

  /** One part's file, being written. */
  static final class Journal implements AutoCloseable {
    private final FileChannel channel;

    private Journal(FileChannel channel) {
      this.channel = channel;
    }

    /** Writes down what came of a video, if it could be read; by several threads. */
    void add(Outcome outcome) {
      if (outcome.failed() == null) {
        write(outcome);
      }
    }

    private synchronized void write(Object value) {
      ByteBuffer line = ByteBuffer.wrap((Json.line(value) + "\n").getBytes(UTF_8));
      try {
        while (line.hasRemaining()) {
          channel.write(line);
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
