package x3d.classify;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Future;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Profiling;
import x3d.runtime.Session;

/**
 * A model on the cores of a device. Clips run one by one: several at once, each on one core, which leaves no core waiting
 * for another at the end of each operator; a single clip on all cores. Batches do not pay on the CPU: ten clips together take
 * 1.4 to 2.6 times longer than one by one.
 *
 * <p>Safe for use by several threads: their clips share the same cores, in turn.
 */
final class CoreInference implements Inference {
  private static final Logger LOG = LoggerFactory.getLogger(CoreInference.class);

  private final Session oneCore;
  private final Session allCores;
  private final SharedThreads cores;

  /** @throws x3d.runtime.RuntimeFailure if the bytes are no model that ONNX Runtime takes */
  CoreInference(byte[] onnx, Device device, Profiling profiling) {
    oneCore = Session.open(onnx, device.withThreads(1), profiling);
    try {
      allCores = device.threads() == 1 ? oneCore : Session.open(onnx, device, profiling);
    } catch (RuntimeException e) {
      oneCore.close();
      throw e;
    }
    cores = new SharedThreads(device.threads(), "x3d-inference");
  }

  @Override
  public Map<String, String> metadata() {
    return oneCore.metadata();
  }

  @Override
  public long clipSide() {
    return oneCore.inputShape(INPUT)[3];
  }

  @Override
  public int classes() {
    return (int) oneCore.outputShape(OUTPUT)[1];
  }

  @Override
  public Clips clips(FloatBuffer values, long[] shape) {
    return new RunningClips(values, shape);
  }

  private final class RunningClips implements Clips {
    private final FloatBuffer values;
    private final long[] shape;
    private final int size;
    private final SharedThreads.Caller caller = cores.caller();
    private final Map<Integer, Future<float[]>> running = new TreeMap<>();

    RunningClips(FloatBuffer values, long[] shape) {
      this.values = values;
      this.shape = shape;
      this.size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }

    @Override
    public int count() {
      return values.capacity() / size;
    }

    @Override
    public void start(int i) {
      FloatBuffer clip = values.slice(i * size, size);
      Session session = count() == 1 && cores.idle() ? allCores : oneCore;
      running.put(i, caller.submit(() -> run(session, clip, shape)));
    }

    @Override
    public List<float[]> probabilities(Runnable stillWanted) {
      return running.values().stream()
          .map(clip -> Inference.result(clip, stillWanted))
          .toList();
    }

    @Override
    public void close() {
      caller.drop();
      running.values().forEach(clip -> {
        try {
          Inference.result(clip);
        } catch (RuntimeException e) {
          LOG.debug("a clip failed", e); // whoever wanted it has been told by probabilities()
        }
      });
    }
  }

  private float[] run(Session session, FloatBuffer values, long[] shape) {
    try (HostTensor clip = HostTensor.floats(1, shape[0], shape[1], shape[2], shape[3]);
        HostTensor answer = HostTensor.floats(1, classes())) {
      clip.floats().put(values);
      session.run(Map.of(INPUT, clip), Map.of(OUTPUT, answer));
      float[] probabilities = new float[classes()];
      answer.floats().get(probabilities);
      return probabilities;
    }
  }

  @Override
  public void close() {
    cores.close();
    if (allCores != oneCore) {
      allCores.close();
    }
    oneCore.close();
  }
}
