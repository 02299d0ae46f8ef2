package x3d.tensorboard;

import com.google.protobuf.CodedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;

/** Messages {@code Event}, by the field numbers of tensorflow/core/util/event.proto and framework/summary.proto. */
final class Event {
  private static final int WALL_TIME = 1;
  private static final int STEP = 2;
  private static final int FILE_VERSION = 3;
  private static final int SUMMARY = 5;
  private static final int SESSION_LOG = 7;
  private static final int SUMMARY_VALUE = 1;
  private static final int VALUE_TAG = 1;
  private static final int VALUE_SIMPLE = 2;
  private static final int SESSION_STATUS = 1;
  private static final int SESSION_START = 1;

  private Event() {}

  /** What a message holds. */
  @FunctionalInterface
  private interface Fields {
    void writeTo(CodedOutputStream out) throws IOException;
  }

  /** The first of every file. */
  static byte[] version(double seconds) {
    return message(out -> {
      out.writeDouble(WALL_TIME, seconds);
      out.writeString(FILE_VERSION, "brain.Event:2");
    });
  }

  /** A run begins or goes on: all that was said of {@code step} and later ones is void. */
  static byte[] start(double seconds, long step) {
    return message(out -> {
      out.writeDouble(WALL_TIME, seconds);
      out.writeInt64(STEP, step);
      out.writeByteArray(SESSION_LOG, message(log -> log.writeEnum(SESSION_STATUS, SESSION_START)));
    });
  }

  static byte[] scalars(double seconds, long step, Map<String, Double> scalars) {
    byte[] summary = message(out -> {
      for (Map.Entry<String, Double> scalar : scalars.entrySet()) {
        out.writeByteArray(SUMMARY_VALUE, message(value -> {
          value.writeString(VALUE_TAG, scalar.getKey());
          value.writeFloat(VALUE_SIMPLE, scalar.getValue().floatValue());
        }));
      }
    });
    return message(out -> {
      out.writeDouble(WALL_TIME, seconds);
      out.writeInt64(STEP, step);
      out.writeByteArray(SUMMARY, summary);
    });
  }

  private static byte[] message(Fields fields) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      fields.writeTo(out);
      out.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
