package x3d.video;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntConsumer;

/** Where each decoded frame goes in the clips of {@link Video#readClips}: clips by span, then by transform. */
final class ClipWriter {
  private final int[] frames;
  private final List<int[]> spanFrames = new ArrayList<>();
  private final List<SpatialScaler> scalers = new ArrayList<>();
  private final FloatBuffer out;
  private final IntConsumer finished;
  private final int base;
  private final int clipFrames;
  private final int clipSize;

  ClipWriter(
      List<ClipSpan> spans,
      List<ClipTransform> transforms,
      int height,
      int width,
      FloatBuffer out,
      IntConsumer finished) {
    if (spans.isEmpty() || transforms.isEmpty()) {
      throw new IllegalArgumentException("clips need at least one span and one transform, got "
          + spans.size() + " and " + transforms.size());
    }
    clipFrames = spans.get(0).frames().length;
    clipSize = transforms.get(0).size(clipFrames);
    for (ClipSpan span : spans) {
      int[] chosen = span.frames();
      if (chosen.length != clipFrames) {
        throw new IllegalArgumentException("clips of " + clipFrames + " and of " + chosen.length
            + " frames cannot be read together");
      }
      spanFrames.add(chosen);
    }
    for (ClipTransform transform : transforms) {
      if (transform.size(clipFrames) != clipSize) {
        throw new IllegalArgumentException("crops of " + transforms.get(0).crop() + " and of "
            + transform.crop() + " pixels cannot be read together");
      }
      scalers.add(new SpatialScaler(transform, height, width));
    }
    long size = (long) clipSize * spans.size() * transforms.size();
    if (size > out.remaining()) {
      throw new IllegalArgumentException(
          "the clips need " + size + " floats, the buffer has room for " + out.remaining());
    }
    this.out = out;
    this.finished = finished;
    base = out.position();
    frames =
        spanFrames.stream().flatMapToInt(Arrays::stream).sorted().distinct().toArray();
  }

  /** The frames that the clips need, ascending, each once. */
  int[] frames() {
    return frames;
  }

  /** The first row of a picture that a clip shows something of. */
  int firstRow() {
    return scalers.stream().mapToInt(SpatialScaler::firstRow).min().orElseThrow();
  }

  /** The last such row, inclusive. */
  int lastRow() {
    return scalers.stream().mapToInt(SpatialScaler::lastRow).max().orElseThrow();
  }

  /** Writes the only picture of {@code one}, number {@code place} of {@link #frames}, wherever it belongs; in ascending order. */
  void write(int place, Frames one) {
    for (int span = 0; span < spanFrames.size(); span++) {
      int[] chosen = spanFrames.get(span);
      for (int t = 0; t < clipFrames; t++) {
        if (chosen[t] == frames[place]) {
          for (int s = 0; s < scalers.size(); s++) {
            scalers
                .get(s)
                .write(one, 0, out, base + (span * scalers.size() + s) * clipSize, t, clipFrames);
          }
        }
      }
      if (chosen[clipFrames - 1] == frames[place]) {
        finished.accept(span);
      }
    }
  }

  /** Moves the buffer's position behind the clips. */
  void finish() {
    out.position(base + clipSize * spanFrames.size() * scalers.size());
  }
}
