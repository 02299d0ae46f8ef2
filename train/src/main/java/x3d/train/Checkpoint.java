package x3d.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import x3d.collective.Collective;
import x3d.net.Factors;
import x3d.runtime.HostTensor;
import x3d.weights.ParameterLayout;
import x3d.weights.Safetensors;
import x3d.weights.WeightTensor;
import x3d.weights.Weights;
import x3d.weights.WeightsException;

/**
 * A run at rest: all that is needed to go on as if it had never stopped. As a file it is a safetensors of parameters and
 * BN statistics under SlowFast's names, so that it serves as weights too, of momentum under {@code momentum.NAME}, and of
 * metadata. Random numbers need no state ({@link RandomStream}): the seed and the place are enough.
 *
 * @param parameters flat; owned, not copied, as are the next two
 * @param momentum flat
 * @param statistics BN running statistics, flat
 * @param progress how far the run is
 * @param recipe what is being trained
 * @param dataFingerprint of the list of training videos
 * @param failed the videos that could not be read so far
 * @param lossScale how the loss is scaled
 * @param origin SHA-256 of the file whose weights the run began with; empty if they were drawn
 */
record Checkpoint(
    float[] parameters,
    float[] momentum,
    float[] statistics,
    Progress progress,
    Recipe recipe,
    String dataFingerprint,
    List<FailedVideo> failed,
    LossScale lossScale,
    String origin) {
  private static final String FORMAT = "x3d_checkpoint";
  private static final String VERSION = "1";
  private static final String ORIGIN = "origin";
  static final String MOMENTUM = "momentum.";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * How far a run is.
   *
   * @param step updates done
   * @param epoch epochs done
   * @param iteration updates done in the epoch that has begun; 0 between epochs
   * @param evaluationDue whether the epoch just done still has to be validated
   * @param wallSeconds time spent so far
   * @param top1Error percentage wrong in the last validation, NaN before the first
   * @param top5Error likewise
   */
  record Progress(
      long step,
      int epoch,
      int iteration,
      boolean evaluationDue,
      double wallSeconds,
      double top1Error,
      double top5Error) {
    static final Progress START = new Progress(0, 0, 0, false, 0, Double.NaN, Double.NaN);

    private Map<String, String> toMap() {
      Map<String, String> texts = new LinkedHashMap<>();
      texts.put("step", Long.toString(step));
      texts.put("epoch", Integer.toString(epoch));
      texts.put("iteration", Integer.toString(iteration));
      texts.put("evaluation_due", Boolean.toString(evaluationDue));
      texts.put("wall_seconds", Double.toString(wallSeconds));
      texts.put("top1_err", Double.toString(top1Error));
      texts.put("top5_err", Double.toString(top5Error));
      return texts;
    }
  }

  /** A file that is not a whole checkpoint. */
  static final class InvalidException extends RuntimeException {
    InvalidException(String message) {
      super(message);
    }
  }

  /**
   * Writes this, whole or not at all.
   *
   * @param agreement asked before the file gets its name; if it throws, there is no new file
   */
  void write(
      Path file, ParameterLayout layout, ParameterLayout statisticsLayout, Runnable agreement) {
    Map<String, WeightTensor> tensors =
        new LinkedHashMap<>(layout.unpack(parameters, Map.of()).tensors());
    tensors.putAll(statisticsLayout.unpack(statistics, Map.of()).tensors());
    layout.unpack(momentum, Map.of()).tensors().forEach((n, t) -> tensors.put(MOMENTUM + n, t));
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put(FORMAT, VERSION);
    metadata.putAll(progress.toMap());
    metadata.putAll(lossScale.toMap());
    metadata.put("seed", Long.toString(recipe.whole("RNG_SEED")));
    metadata.put("data", dataFingerprint);
    metadata.put(ORIGIN, origin);
    metadata.put("failed", json(failed));
    metadata.put("recipe", recipe.toYaml());
    metadata.putAll(Factors.toMap(Network.config(recipe)));
    metadata.put("crc32", crc(tensors, metadata));
    Safetensors.write(file, new Weights(tensors, metadata), agreement);
  }

  /**
   * Rank 0's checkpoint on all ranks, for one host alone may hold the file.
   *
   * @param own of rank 0; null on the others
   */
  static Checkpoint shared(
      Checkpoint own, ParameterLayout layout, ParameterLayout statisticsLayout, Collective ranks) {
    if (ranks.size() == 1) {
      return own;
    }
    Map<String, String> texts = new LinkedHashMap<>();
    if (own != null) {
      texts.putAll(own.progress.toMap());
      texts.putAll(own.lossScale.toMap());
      texts.put("failed", json(own.failed));
      texts.put("data", own.dataFingerprint);
      texts.put(ORIGIN, own.origin);
      texts.put("recipe", own.recipe.toYaml());
    }
    Map<String, String> all =
        map(ranks.broadcast(own == null ? null : json(texts).getBytes(StandardCharsets.UTF_8)));
    return new Checkpoint(
        shared(own == null ? null : own.parameters, layout.size(), ranks),
        shared(own == null ? null : own.momentum, layout.size(), ranks),
        shared(own == null ? null : own.statistics, statisticsLayout.size(), ranks),
        progress(all),
        Recipe.read(all.get("recipe"), "the recipe of rank 0's checkpoint"),
        all.get("data"),
        failed(all.get("failed")),
        LossScale.of(all),
        all.get(ORIGIN));
  }

  private static float[] shared(float[] own, int length, Collective ranks) {
    float[] values = new float[length];
    try (HostTensor vector = HostTensor.floats(length)) {
      if (own != null) {
        vector.floats().put(own);
      }
      ranks.broadcast(vector.floats());
      vector.floats().get(values);
    }
    return values;
  }

  private static Map<String, String> map(byte[] json) {
    try {
      return JSON.readValue(json, new TypeReference<Map<String, String>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Reads a checkpoint.
   *
   * @throws InvalidException if the file is not a whole one
   * @throws TrainingException if it is, but of another network
   */
  static Checkpoint read(Path file, ParameterLayout layout, ParameterLayout statisticsLayout) {
    Weights weights = whole(file);
    Map<String, String> metadata = weights.metadata();
    Map<String, WeightTensor> momentum = new LinkedHashMap<>();
    weights.tensors().forEach((name, tensor) -> {
      if (name.startsWith(MOMENTUM)) {
        momentum.put(name.substring(MOMENTUM.length()), tensor);
      }
    });
    try {
      return new Checkpoint(
          layout.pack(weights),
          layout.pack(new Weights(momentum, Map.of())),
          statisticsLayout.pack(weights),
          progress(metadata),
          Recipe.read(metadata.get("recipe"), file + " (its recipe)"),
          metadata.get("data"),
          failed(metadata.get("failed")),
          LossScale.of(metadata),
          metadata.getOrDefault(ORIGIN, ""));
    } catch (WeightsException e) {
      throw new TrainingException(
          file + ": was trained as another network than the recipe's: " + e.getMessage(), e);
    }
  }

  /**
   * The origin of a checkpoint of whatever network.
   *
   * @throws InvalidException if the file is not a whole one
   */
  static String origin(Path file) {
    return whole(file).metadata().getOrDefault(ORIGIN, "");
  }

  private static Weights whole(Path file) {
    Weights weights;
    try {
      weights = Safetensors.read(file).weights();
    } catch (WeightsException e) {
      throw new InvalidException(e.getMessage());
    }
    Map<String, String> metadata = weights.metadata();
    if (!VERSION.equals(metadata.get(FORMAT))) {
      throw new InvalidException(file + ": is not a checkpoint of a run of this trainer");
    }
    if (!crc(weights.tensors(), metadata).equals(metadata.get("crc32"))) {
      throw new InvalidException(file + ": its checksum does not match its numbers");
    }
    return weights;
  }

  private static Progress progress(Map<String, String> metadata) {
    return new Progress(
        Long.parseLong(metadata.get("step")),
        Integer.parseInt(metadata.get("epoch")),
        Integer.parseInt(metadata.get("iteration")),
        Boolean.parseBoolean(metadata.get("evaluation_due")),
        Double.parseDouble(metadata.get("wall_seconds")),
        Double.parseDouble(metadata.get("top1_err")),
        Double.parseDouble(metadata.get("top5_err")));
  }

  static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  static List<FailedVideo> failed(String json) {
    try {
      return JSON.readValue(json, new TypeReference<List<FailedVideo>>() {});
    } catch (JsonProcessingException e) {
      throw new InvalidException("its list of failed videos is broken: " + e.getOriginalMessage());
    }
  }

  /** Over all numbers and texts: a file cut short is noticed by its format, a flipped bit only by this. */
  private static String crc(Map<String, WeightTensor> tensors, Map<String, String> metadata) {
    Map<String, String> texts = new TreeMap<>(metadata);
    texts.remove("crc32");
    CRC32 crc = new CRC32();
    crc.update(texts.toString().getBytes(StandardCharsets.UTF_8));
    byte[] bytes = new byte[4096];
    for (WeightTensor tensor : tensors.values()) {
      float[] values = tensor.values();
      for (int from = 0; from < values.length; from += bytes.length / 4) {
        int length = Math.min(bytes.length / 4, values.length - from);
        ByteBuffer.wrap(bytes).asFloatBuffer().put(values, from, length);
        crc.update(bytes, 0, length * 4);
      }
    }
    return String.format("%08x", crc.getValue());
  }
}
