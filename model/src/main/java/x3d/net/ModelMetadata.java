package x3d.net;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a user of a model file needs to know of it; kept in its {@code metadata_props}.
 *
 * @param variant such as {@code X3D-S}
 * @param samplingRate frames of the video from one frame of a clip to the next, at {@code targetFps}
 * @param shortSide pixels that the shorter side of a frame is scaled to
 * @param crop height and width of a clip in pixels
 * @param mean of the channels red, green, blue, at a scale of 0 to 1
 * @param std of the channels
 * @param views clips along time that it was, or is to be, evaluated with
 * @param crops crops of each view: 1 or 3
 * @param classNames a name a label, or empty
 * @param provenance where the weights come from: recipe, data, epoch, accuracy, parameters
 */
public record ModelMetadata(
    String variant,
    int numFrames,
    int samplingRate,
    double targetFps,
    int shortSide,
    int crop,
    float[] mean,
    float[] std,
    int views,
    int crops,
    List<String> classNames,
    Map<String, String> provenance) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String PREFIX = "x3d.";
  private static final String PROVENANCE = PREFIX + "provenance.";

  public ModelMetadata {
    mean = mean.clone();
    std = std.clone();
    classNames = List.copyOf(classNames);
    provenance = Map.copyOf(provenance);
  }

  /** SlowFast's defaults for X3D: 30 frames a second, mean 0.45, standard deviation 0.225, 10 views. */
  public static ModelMetadata of(
      X3DConfig config,
      int samplingRate,
      int shortSide,
      List<String> classNames,
      Map<String, String> provenance) {
    float[] mean = {0.45f, 0.45f, 0.45f};
    float[] std = {0.225f, 0.225f, 0.225f};
    return new ModelMetadata(
        Variant.nameOf(config),
        config.numFrames(),
        samplingRate,
        30,
        shortSide,
        config.crop(),
        mean,
        std,
        10,
        1,
        classNames,
        provenance);
  }

  @Override
  public float[] mean() {
    return mean.clone();
  }

  @Override
  public float[] std() {
    return std.clone();
  }

  /** The name of a label: of the class, or the number itself where the model has no names. */
  public String nameOf(int label) {
    return label < classNames.size() ? classNames.get(label) : Integer.toString(label);
  }

  public Map<String, String> toMap() {
    Map<String, String> map = new TreeMap<>();
    map.put(PREFIX + "variant", variant);
    map.put(PREFIX + "num_frames", Integer.toString(numFrames));
    map.put(PREFIX + "sampling_rate", Integer.toString(samplingRate));
    map.put(PREFIX + "target_fps", Double.toString(targetFps));
    map.put(PREFIX + "short_side", Integer.toString(shortSide));
    map.put(PREFIX + "crop", Integer.toString(crop));
    map.put(PREFIX + "mean", json(mean));
    map.put(PREFIX + "std", json(std));
    map.put(PREFIX + "views", Integer.toString(views));
    map.put(PREFIX + "crops", Integer.toString(crops));
    map.put(PREFIX + "class_names", json(classNames));
    provenance.forEach((key, value) -> map.put(PROVENANCE + key, value));
    return map;
  }

  /** @throws IllegalArgumentException if a key is missing or holds no value of its kind: the model is not one of x3d */
  public static ModelMetadata fromMap(Map<String, String> map) {
    Map<String, String> provenance = new LinkedHashMap<>();
    new TreeMap<>(map).forEach((key, value) -> {
      if (key.startsWith(PROVENANCE)) {
        provenance.put(key.substring(PROVENANCE.length()), value);
      }
    });
    return new ModelMetadata(
        required(map, "variant"),
        integer(map, "num_frames"),
        integer(map, "sampling_rate"),
        Double.parseDouble(required(map, "target_fps")),
        integer(map, "short_side"),
        integer(map, "crop"),
        parse(map, "mean", new TypeReference<float[]>() {}),
        parse(map, "std", new TypeReference<float[]>() {}),
        integer(map, "views"),
        integer(map, "crops"),
        Arrays.asList(parse(map, "class_names", new TypeReference<String[]>() {})),
        provenance);
  }

  private static String required(Map<String, String> map, String key) {
    String value = map.get(PREFIX + key);
    if (value == null) {
      throw new IllegalArgumentException("the model file has no '" + PREFIX + key
          + "' in its metadata: it is not an export of x3d");
    }
    return value;
  }

  private static int integer(Map<String, String> map, String key) {
    return Integer.parseInt(required(map, key));
  }

  private static String json(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static <T> T parse(Map<String, String> map, String key, TypeReference<T> type) {
    try {
      return JSON.readValue(required(map, key), type);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "'" + PREFIX + key + "' in the model's metadata is malformed: " + e.getOriginalMessage(),
          e);
    }
  }
}
