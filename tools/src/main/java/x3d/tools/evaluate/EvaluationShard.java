package x3d.tools.evaluate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.exc.StreamReadException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import x3d.cli.Program;
import x3d.tools.Json;
import x3d.tools.Shard;

/**
 * The outcomes of one shard of a list of videos, of what evaluation they are, and what looking took. Its JSON holds probabilities
 * so that they read back as the same floats.
 *
 * @param shard number of the shard, from 0
 * @param shards how many there are
 * @param outcomes of the shard's videos, in the list's order
 */
record EvaluationShard(
    String kind,
    String version,
    int shard,
    int shards,
    Subject subject,
    Timing timing,
    List<Outcome> outcomes) {
  private static final String KIND = "evaluation shard";

  private static final ObjectMapper MAPPER = JsonMapper.builder()
      .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
      .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
      .build();

  EvaluationShard {
    outcomes = List.copyOf(outcomes);
    Shard own = new Shard(shard, shards);
    int size = own.size(subject.videos());
    List<Integer> has = outcomes.stream().map(Outcome::index).toList();
    if (!has.equals(IntStream.range(0, size).map(own::item).boxed().toList())) {
      throw new IllegalArgumentException("it holds " + has.size() + " outcomes, and shard " + own
          + " of " + subject.videos() + " videos has " + size);
    }
  }

  static EvaluationShard of(Subject subject, Shard shard, Timing timing, List<Outcome> outcomes) {
    return new EvaluationShard(
        KIND, subject.version(), shard.index(), shard.count(), subject, timing, outcomes);
  }

  /** Which part of the list this is. */
  Shard place() {
    return new Shard(shard, shards);
  }

  /** The report, as far as these outcomes go. */
  EvaluationReport report() {
    return EvaluationReport.of(subject, outcomes);
  }

  /** As one line of JSON. */
  String json() {
    return Json.line(this) + "\n";
  }

  /**
   * Reads what {@link #json} wrote.
   *
   * @param name of the source, for refusals
   * @throws IllegalArgumentException naming the source if it is no shard, or one of another version
   */
  static EvaluationShard read(String name, byte[] json) {
    try {
      JsonNode tree = MAPPER.readTree(json);
      if (!tree.path("kind").asText().equals(KIND)) {
        throw new IllegalArgumentException(
            name + ": not a shard as x3d-tools evaluate --shard writes it");
      }
      String version = tree.path("version").asText();
      if (!version.equals(Program.version())) {
        throw new IllegalArgumentException(name + ": written by version " + version
            + ", and this is " + Program.version() + "; merge with the version that evaluated");
      }
      return MAPPER.treeToValue(tree, EvaluationShard.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          name + ": not a shard as x3d-tools evaluate --shard writes it: " + reason(e), e);
    } catch (IOException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private static String reason(JsonProcessingException e) {
    if (e
        instanceof
        StreamReadException) { // whose own words are about the source, which it does not know
      return "not JSON, or not all of it";
    }
    Throwable cause = e.getCause() instanceof IllegalArgumentException refusal ? refusal : e;
    return cause == e ? e.getOriginalMessage() : cause.getMessage();
  }
}
