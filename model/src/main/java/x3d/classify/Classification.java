package x3d.classify;

import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import x3d.video.ClipSpan;

/**
 * What a model says of one video. Owns its arrays.
 *
 * @param probabilities one a class: the mean of {@code perView}
 * @param frames frames in the video
 * @param fps frames a second of the video
 * @param spans where each of {@code views} clips lies in the video
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
    List<ClipSpan> spans,
    List<float[]> perView,
    long decodeMillis,
    long inferenceMillis) {
  public Classification {
    probabilities = probabilities.clone();
    classNames = List.copyOf(classNames);
    spans = List.copyOf(spans);
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
    return ranked(probabilities, count);
  }

  private List<Ranked> ranked(float[] probabilities, int count) {
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

  /**
   * Each clip's own answer, for those who want to see what the mean is made of: which view and crop it is, the seconds of the
   * video that it shows, its likeliest classes and the probabilities of all.
   */
  public List<Map<String, Object>> viewFields(int top) {
    return IntStream.range(0, perView.size()).mapToObj(i -> viewFields(i, top)).toList();
  }

  private Map<String, Object> viewFields(int clip, int top) {
    int view = clip / views.crops();
    ClipSpan span = spans.get(view);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("view", view);
    fields.put("crop", clip % views.crops());
    fields.put("startSeconds", Math.max(0, span.start()) / fps);
    fields.put("endSeconds", (Math.min(span.end(), frames - 1) + 1) / fps);
    fields.put("top", ranked(perView.get(clip), top));
    fields.put("probabilities", perView.get(clip));
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
        && spans.equals(that.spans)
        && Arrays.deepEquals(perView.toArray(), that.perView.toArray())
        && decodeMillis == that.decodeMillis
        && inferenceMillis == that.inferenceMillis;
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(probabilities);
  }
}
