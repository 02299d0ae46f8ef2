package x3d.serve.api;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.Arrays;
import x3d.serve.http.Problem;
import x3d.serve.http.Refusal;

/**
 * An inference request of the Open Inference Protocol: one input, {@code clips}, of FP32, its values in the JSON (flat or
 * nested) or, by the protocol's binary extension, behind it.
 *
 * @param id of the request, echoed; may be null
 * @param shape of the input, as the client says it
 * @param clips its values, from position 0 to the capacity
 * @param binaryAnswer whether the probabilities are wanted in binary
 */
record InferRequest(String id, long[] shape, FloatBuffer clips, boolean binaryAnswer) {
  private static final JsonFactory JSON = new ObjectMapper().getFactory();
  private static final String INPUT = "clips";

  /**
   * Reads a body.
   *
   * @param jsonBytes how much of it is JSON, where values follow behind it; -1 where all is
   * @param most values
   * @throws Refusal with 400 if it is not such a request, 413 if it has more values
   */
  static InferRequest read(InputStream body, int jsonBytes, int most) throws IOException {
    Reading reading = new Reading(most);
    try {
      if (jsonBytes < 0) {
        try (JsonParser parser = JSON.createParser(body)) {
          reading.request(parser);
        }
      } else {
        byte[] head = body.readNBytes(jsonBytes);
        try (JsonParser parser = JSON.createParser(head)) {
          reading.request(parser);
        }
      }
    } catch (JsonProcessingException e) {
      throw wrong("its JSON is malformed: " + e.getOriginalMessage());
    }
    if (jsonBytes >= 0) {
      reading.binary(body);
    }
    return reading.request();
  }

  private static Refusal wrong(String reason) {
    return new Refusal(Problem.BAD_REQUEST, "not an inference request: " + reason);
  }

  /** What has been read so far; members may come in any order. */
  private static final class Reading {
    private final int most;
    private String id;
    private int inputs;
    private String name;
    private String type;
    private long[] shape;
    private float[] values;
    private int count;
    private long binarySize = -1;
    private boolean binaryAnswer;

    Reading(int most) {
      this.most = most;
    }

    void request(JsonParser json) throws IOException {
      require(json.nextToken(), JsonToken.START_OBJECT, "a JSON object");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String member = json.currentName();
        json.nextToken();
        switch (member) {
          case "id" -> id = json.getValueAsString();
          case "inputs" -> inputs(json);
          case "outputs" -> outputs(json);
          case "parameters" -> parameters(json);
          default -> json.skipChildren();
        }
      }
    }

    private void inputs(JsonParser json) throws IOException {
      require(json.currentToken(), JsonToken.START_ARRAY, "an array 'inputs'");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        require(json.currentToken(), JsonToken.START_OBJECT, "objects in 'inputs'");
        if (++inputs > 1) {
          throw wrong("the model has one input, '" + INPUT + "'");
        }
        input(json);
      }
    }

    private void input(JsonParser json) throws IOException {
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String member = json.currentName();
        json.nextToken();
        switch (member) {
          case "name" -> name = json.getValueAsString();
          case "datatype" -> type = json.getValueAsString();
          case "shape" -> shape = shape(json);
          case "data" -> data(json);
          case "parameters" -> parameters(json);
          default -> json.skipChildren();
        }
      }
    }

    private static long[] shape(JsonParser json) throws IOException {
      require(json.currentToken(), JsonToken.START_ARRAY, "an array 'shape'");
      long[] shape = new long[8];
      int rank = 0;
      while (json.nextToken() != JsonToken.END_ARRAY) {
        require(json.currentToken(), JsonToken.VALUE_NUMBER_INT, "whole numbers in 'shape'");
        if (rank == shape.length) {
          throw wrong("its shape has more than 8 dimensions");
        }
        shape[rank++] = json.getLongValue();
      }
      return Arrays.copyOf(shape, rank);
    }

    private void data(JsonParser json) throws IOException {
      require(json.currentToken(), JsonToken.START_ARRAY, "an array 'data'");
      values = new float[1 << 12];
      for (int depth = 1; depth > 0; ) {
        JsonToken token = json.nextToken();
        if (token == JsonToken.START_ARRAY) {
          depth++;
        } else if (token == JsonToken.END_ARRAY) {
          depth--;
        } else if (token != null && token.isNumeric()) {
          add(json.getFloatValue());
        } else {
          throw wrong("'data' must hold numbers and arrays of them");
        }
      }
    }

    private void add(float value) {
      if (count == most) {
        throw tooMany();
      }
      if (count == values.length) {
        values = Arrays.copyOf(values, (int) Math.min(most, 2L * count));
      }
      values[count++] = value;
    }

    private Refusal tooMany() {
      return new Refusal(
          Problem.TOO_LARGE, "the input has more than the " + most + " values taken here");
    }

    private void outputs(JsonParser json) throws IOException {
      require(json.currentToken(), JsonToken.START_ARRAY, "an array 'outputs'");
      while (json.nextToken() != JsonToken.END_ARRAY) {
        require(json.currentToken(), JsonToken.START_OBJECT, "objects in 'outputs'");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
          String member = json.currentName();
          json.nextToken();
          if (member.equals("name") && !"probabilities".equals(json.getValueAsString())) {
            throw wrong("the model has one output, 'probabilities'");
          } else if (member.equals("parameters")) {
            parameters(json);
          } else {
            json.skipChildren();
          }
        }
      }
    }

    private void parameters(JsonParser json) throws IOException {
      require(json.currentToken(), JsonToken.START_OBJECT, "an object 'parameters'");
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String member = json.currentName();
        json.nextToken();
        switch (member) {
          case "binary_data_size" -> binarySize = json.getValueAsLong(-1);
          case "binary_data", "binary_data_output" -> binaryAnswer |= json.getValueAsBoolean();
          default -> json.skipChildren();
        }
      }
    }

    void binary(InputStream body) throws IOException {
      if (binarySize < 0) {
        return;
      }
      if (binarySize % Float.BYTES != 0) {
        throw wrong("binary_data_size is " + binarySize + ", which is no number of FP32 values");
      }
      if (binarySize / Float.BYTES > most) {
        throw tooMany();
      }
      byte[] bytes = new byte[(int) Math.min(binarySize, 64 * 1024)];
      values = new float[(int) (binarySize / Float.BYTES)];
      DataInputStream in = new DataInputStream(body);
      try {
        while (count < values.length) {
          int n = Math.min(bytes.length, (values.length - count) * Float.BYTES);
          in.readFully(bytes, 0, n);
          ByteBuffer.wrap(bytes, 0, n)
              .order(ByteOrder.LITTLE_ENDIAN)
              .asFloatBuffer()
              .get(values, count, n / Float.BYTES);
          count += n / Float.BYTES;
        }
      } catch (EOFException e) {
        throw wrong("binary_data_size is " + binarySize + " and fewer bytes follow the JSON");
      }
    }

    InferRequest request() {
      if (!INPUT.equals(name)) {
        throw wrong(
            "it needs an input '" + INPUT + "'" + (name == null ? "" : ", not '" + name + "'"));
      }
      if (!"FP32".equals(type)) {
        throw wrong("'" + INPUT + "' must be of datatype FP32, not " + type);
      }
      if (shape == null || values == null) {
        throw wrong("'" + INPUT + "' needs a shape, and values in 'data' or behind the JSON");
      }
      return new InferRequest(id, shape, FloatBuffer.wrap(values, 0, count).slice(), binaryAnswer);
    }

    private static void require(JsonToken actual, JsonToken expected, String words) {
      if (actual != expected) {
        throw wrong("it must have " + words);
      }
    }
  }
}
