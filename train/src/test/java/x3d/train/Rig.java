package x3d.train;

import java.util.List;
import x3d.collective.InProcess;
import x3d.net.ClipType;
import x3d.net.TrainingStep;
import x3d.profile.Profiler;
import x3d.runtime.Device;
import x3d.weights.Weights;

/** An engine over a number of replicas and its state. */
final class Rig implements AutoCloseable {
  final TrainingStep step;
  final Batch.Dimensions dimensions;
  final float[] parameters;
  final float[] statistics;
  final Engine engine;
  final Batch batch;

  Rig(Recipe recipe, int replicas, int clips, Weights weights) {
    this(recipe, replicas, clips, 1, weights);
  }

  Rig(Recipe recipe, int replicas, int clips, int microBatches, Weights weights) {
    this(recipe, replicas, clips, microBatches, weights, false);
  }

  Rig(Recipe recipe, int replicas, int clips, int microBatches, Weights weights, boolean onDevice) {
    this(recipe, replicas, clips, microBatches, weights, onDevice, ClipType.FLOAT32);
  }

  Rig(
      Recipe recipe,
      int replicas,
      int clips,
      int microBatches,
      Weights weights,
      boolean onDevice,
      ClipType clipType) {
    dimensions = new Batch.Dimensions(
        replicas,
        clips / replicas / microBatches,
        recipe.integer("DATA.NUM_FRAMES"),
        recipe.integer("DATA.TRAIN_CROP_SIZE"),
        0,
        1);
    step = Network.step(recipe, dimensions.clipsEach(), Network.lowering(recipe), clipType);
    Network.Start fresh = Network.fresh(recipe, step.parameters(), step.statistics());
    parameters = weights == null ? fresh.parameters() : step.parameters().pack(weights);
    statistics = weights == null ? fresh.statistics() : step.statistics().pack(weights);
    engine = new Engine(
        step,
        new Engine.Settings(
            replicas,
            List.of(Device.cpu(1)),
            1,
            recipe.real("MODEL.DROPOUT_RATE"),
            InProcess.alone(),
            onDevice || clipType == ClipType.FLOAT16,
            onDevice,
            Profiler.OFF),
        ShardedSgd.Options.of(recipe),
        ParameterGroups.of(step.parameters(), recipe),
        parameters,
        new float[parameters.length],
        statistics,
        0);
    engine.scaleLoss(recipe.lossScale().orElseThrow());
    batch = engine.batches(dimensions, 1).get(0);
  }

  /** One update on clips that are {@code labels.length} long in all. */
  double update(float[] clips, int[] labels, double rate) {
    double loss = 0;
    int microBatches = labels.length / dimensions.places();
    for (int k = 0; k < microBatches; k++) {
      int first = k * dimensions.places();
      fill(clips, labels, first);
      loss += engine.microBatch(batch, first, new Meter()) / microBatches;
    }
    engine.settleGradient();
    engine.update(rate);
    return loss;
  }

  void fill(float[] clips, int[] labels, int first) {
    int size = dimensions.floatsPerClip();
    batch.expect(dimensions.places());
    for (int place = 0; place < dimensions.places(); place++) {
      batch.place(place).put(0, clips, (first + place) * size, size);
      batch.label(place, labels[first + place]);
      batch.filled(place);
    }
  }

  @Override
  public void close() {
    batch.close();
    engine.close();
  }
}
