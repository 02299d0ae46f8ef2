package x3d.train;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import x3d.video.ClipSpan;
import x3d.video.ClipTransform;
import x3d.video.CropPosition;
import x3d.video.Footage;
import x3d.video.Normalization;
import x3d.video.TemporalSampling;
import x3d.video.VideoInfo;

/** Clips of video files as a recipe wants them. */
final class VideoClips {
  private final int frames;
  private final int rate;
  private final double targetFps;
  private final int crop;
  private final ClipTransform.Jitter jitter;
  private final boolean flips;
  private final BitSet neverFlipped;
  private final Normalization normalization;
  private final Footage.Opener opener;

  /**
   * @param opener of the videos
   * @param classNames of the data, if they have any: {@code DATA.FLIP_EXEMPT_CLASSES} may use them
   * @throws RecipeException if a class that must not be flipped is neither a label nor a name
   */
  VideoClips(Recipe recipe, Optional<List<String>> classNames, Footage.Opener opener) {
    this.opener = opener;
    frames = recipe.integer("DATA.NUM_FRAMES");
    rate = recipe.integer("DATA.SAMPLING_RATE");
    targetFps = recipe.real("DATA.TARGET_FPS");
    crop = recipe.integer("DATA.TRAIN_CROP_SIZE");
    List<Integer> sides = recipe.integers("DATA.TRAIN_JITTER_SCALES");
    jitter = new ClipTransform.Jitter(
        sides.get(0), sides.get(1), recipe.flag("DATA.INV_UNIFORM_SAMPLE"));
    flips = recipe.flag("DATA.RANDOM_FLIP");
    neverFlipped = labels(recipe, classNames.orElse(List.of()));
    normalization = new Normalization(
        Network.floats(recipe.reals("DATA.MEAN")), Network.floats(recipe.reals("DATA.STD")));
  }

  private static BitSet labels(Recipe recipe, List<String> names) {
    BitSet labels = new BitSet();
    List<String> unknown = new ArrayList<>();
    int classes = recipe.integer("MODEL.NUM_CLASSES");
    for (String text : recipe.texts("DATA.FLIP_EXEMPT_CLASSES")) {
      int label = names.contains(text) ? names.indexOf(text) : number(text);
      if (label < 0 || label >= classes) {
        unknown.add("'" + text + "'");
      } else {
        labels.set(label);
      }
    }
    if (!unknown.isEmpty()) {
      throw new RecipeException("DATA.FLIP_EXEMPT_CLASSES names " + String.join(", ", unknown)
          + "; a class is a label from 0 to " + (classes - 1)
          + (names.isEmpty() ? "" : " or a name of classes.txt"));
    }
    return labels;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** A clip anywhere in the video, jittered, cropped and perhaps mirrored at random. */
  ClipSource random() {
    return (file, label, random, out) -> {
      boolean flip = flips && !neverFlipped.get(label);
      ClipTransform transform = ClipTransform.random(jitter, crop, flip, normalization, random);
      try (Footage video = opener.open(file)) {
        VideoInfo info = video.info();
        ClipSpan span =
            TemporalSampling.random(info.frames(), info.fps(), frames, rate, targetFps, random);
        video.readClips(List.of(span), List.of(transform), out);
      }
    };
  }

  /** The middle of the video's middle. */
  ClipSource centre() {
    ClipTransform transform =
        ClipTransform.of(jitter.min(), crop, CropPosition.CENTER, normalization);
    return (file, label, random, out) -> {
      try (Footage video = opener.open(file)) {
        VideoInfo info = video.info();
        ClipSpan span = TemporalSampling.centre(info.frames(), info.fps(), frames, rate, targetFps);
        video.readClips(List.of(span), List.of(transform), out);
      }
    };
  }
}
