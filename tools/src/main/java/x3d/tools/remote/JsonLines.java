package x3d.tools.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import x3d.tools.Json;

/** A JSON object a line. */
final class JsonLines implements AnswerFormat {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public String beginning() {
    return "{\"video\":";
  }

  @Override
  public String head() {
    return "";
  }

  @Override
  public String line(Outcome outcome) {
    return Json.line(outcome.fields()) + "\n";
  }

  @Override
  public int whole(byte[] bytes) {
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  @Override
  public List<Line> read(String text) {
    List<Line> lines = new ArrayList<>();
    for (String line : text.lines().toList()) {
      try {
        lines.add(line(JSON.readTree(line)));
      } catch (JsonProcessingException | IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "line " + (lines.size() + 1) + " is no answer of this command");
      }
    }
    return lines;
  }

  private static Line line(JsonNode node) {
    String video = node.path("video").textValue();
    String error = node.path("error").textValue();
    boolean answered = node.path("top").isArray() && node.path("model").isTextual();
    if (video == null || (error == null) != answered) {
      throw new IllegalArgumentException();
    }
    Asked asked = new Asked(
        node.path("model").asText(),
        node.path("views").asInt(),
        node.path("crops").asInt(),
        node.path("top").size());
    return new Line(video, error, answered ? asked : null);
  }
}
