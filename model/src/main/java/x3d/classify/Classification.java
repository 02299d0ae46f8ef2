package x3d.classify;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * What a model says of one video. Owns its arrays.
 *
 * @param probabilities one a class: the mean of {@code perView}
 * @param frames frames in the video
 * @param fps frames a second of the video
 * @param perView the probabilities of each clip and crop, crops of one clip together
 * @param decodeMillis time spent reading, scaling and cropping
 * @param inferenceMillis from the first clip that was ready to the last answer: later clips are decoded meanwhile
 */
public record Classification(
    float[] probabilities,
    List<String> classNames,
    int frames,
    double fps,
    Views views,
    List<float[]> perView,
    long decodeMillis,
    long inferenceMillis) {
  public Classification {
    probabilities = probabilities.clone();
    classNames = List.copyOf(classNames);
    perView = perView.stream().map(float[]::clone).toList();
  }

  @Override
  public float[] probabilities() {
    return probabilities.clone();
  }

  @Override
  public List<float[]> perView() {
    return perView.stream().map(float[]::clone).toList();
  }

  /** The {@code count} likeliest classes, likeliest first, equals by number; all of them where there are fewer. */
  public List<Ranked> top(int count) {
    return IntStream.range(0, probabilities.length)
        .boxed()
        .sorted(Comparator.<Integer>comparingDouble(label -> -probabilities[label])
            .thenComparing(label -> label))
        .limit(count)
        .map(label -> new Ranked(label, classNames.get(label), probabilities[label]))
        .toList();
  }

  /** The fields that {@code x3d-tools classify --json} and the server answer with, in their documented order. */
  public Map<String, Object> fields(int top) {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("frames", frames);
    fields.put("fps", fps);
    fields.put("views", views.views());
    fields.put("crops", views.crops());
    fields.put("top", top(top));
    fields.put("decodeMs", decodeMillis);
    fields.put("inferenceMs", inferenceMillis);
    return fields;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Classification that
        && Arrays.equals(probabilities, that.probabilities)
        && classNames.equals(that.classNames)
        && frames == that.frames
        && fps == that.fps
        && views.equals(that.views)
        && Arrays.deepEquals(perView.toArray(), that.perView.toArray())
        && decodeMillis == that.decodeMillis
        && inferenceMillis == that.inferenceMillis;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(probabilities);
  }
}
