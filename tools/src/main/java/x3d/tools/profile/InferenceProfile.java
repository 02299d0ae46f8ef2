package x3d.tools.profile;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import x3d.classify.Classifier;
import x3d.classify.Loading;
import x3d.classify.Views;
import x3d.net.Lowering;
import x3d.profile.Profiler;
import x3d.profile.Span;
import x3d.profile.Trace;
import x3d.runtime.Device;

/**
 * The profile of the views of a video through a model, as the classifier runs them. A step is one video.
 *
 * @param lowering null for the classifier's own choice
 * @param threads of the process, for the report
 */
record InferenceProfile(
    Path model, Lowering lowering, List<Device> devices, int threads, int views) {
  Trace take(Profiler.Plan plan) {
    Views look = new Views(views, 1);
    try (Profiler profiler = Profiler.on(plan);
        Classifier classifier = Classifier.open(
            model, devices, new Loading(Optional.ofNullable(lowering), profiler.sessions()))) {
      FloatBuffer clips = draw(classifier, look);
      while (profiler.wantsSteps()) {
        profiler.step(
            () -> profiler.during(Span.COMPUTE, () -> classifier.probabilities(clips, look)));
      }
      return profiler.complete(about(classifier)).orElseThrow();
    }
  }

  private FloatBuffer draw(Classifier classifier, Views look) {
    FloatBuffer clips = FloatBuffer.allocate(Math.multiplyExact(views, classifier.clipSize(look)));
    SplittableRandom random = new SplittableRandom(1);
    while (clips.hasRemaining()) {
      clips.put((float) (random.nextDouble() * 4 - 2)); // as wide as normalised pixels
    }
    return clips;
  }

  private ObjectNode about(Classifier classifier) {
    ObjectNode about = JsonNodeFactory.instance.objectNode();
    about.put("kind", "inference");
    about.put("network", classifier.metadata().variant());
    about.put("model", model.toString());
    about.put("lowering", classifier.lowering());
    about.put("provider", devices.get(0).provider().id());
    about.put("threads", threads);
    about.put("rank", 0);
    about.put("ranks", 1);
    about.put("clips", views);
    return about;
  }
}
