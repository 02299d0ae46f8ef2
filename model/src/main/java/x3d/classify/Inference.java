package x3d.classify;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;

/**
 * A model on the cores of a device. Clips run one by one: several at once, each on one core, which leaves no core waiting
 * for another at the end of each operator; a single clip on all cores. Batches do not pay on the CPU: ten clips together take
 * 1.4 to 2.6 times longer than one by one.
 *
 * <p>Safe for use by several threads: their clips share the same cores.
 */
final class Inference implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Inference.class);
  private static final String INPUT = "clips";
  private static final String OUTPUT = "probabilities";

  private final Session oneCore;
  private final Session allCores;
  private final ExecutorService cores;

  /** @throws x3d.runtime.RuntimeFailure if the bytes are no model that ONNX Runtime takes */
  Inference(byte[] onnx, Device device) {
    oneCore = Session.open(onnx, new Device(device.provider(), device.index(), 1));
    try {
      allCores = device.threads() == 1 ? oneCore : Session.open(onnx, device);
    } catch (RuntimeException e) {
      oneCore.close();
      throw e;
    }
    cores = Executors.newFixedThreadPool(device.threads(), task -> {
      Thread thread = new Thread(task, "x3d-inference");
      thread.setDaemon(true);
      return thread;
    });
  }

  Map<String, String> metadata() {
    return oneCore.metadata();
  }

  /** Height and width of a clip that the model takes; -1 for any. */
  long clipSide() {
    return oneCore.inputShape(INPUT)[3];
  }

  int classes() {
    return (int) oneCore.outputShape(OUTPUT)[1];
  }

  /**
   * Clips that are to run.
   *
   * @param values one clip after the other, from position 0 to the capacity
   * @param shape of one clip: 3, T, H, W
   */
  Clips clips(FloatBuffer values, long[] shape) {
    return new Clips(values, shape);
  }

  /** Clips of which some run. */
  final class Clips implements AutoCloseable {
    private final FloatBuffer values;
    private final long[] shape;
    private final int size;
    private final Map<Integer, Future<float[]>> running = new TreeMap<>();

    private Clips(FloatBuffer values, long[] shape) {
      this.values = values;
      this.shape = shape;
      this.size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }

    int count() {
      return values.capacity() / size;
    }

    /** Starts clip {@code i}, whose values are all there; one that was started before counts no more. */
    void start(int i) {
      FloatBuffer clip = values.slice(i * size, size);
      Session session = count() == 1 ? allCores : oneCore;
      running.put(i, cores.submit(() -> run(session, clip, shape)));
    }

    /** Waits for the clips that were started: the probabilities of each, in the order of their numbers. */
    List<float[]> probabilities() {
      return running.values().stream().map(Inference::result).toList();
    }

    /** Waits until nothing reads the values any more. */
    @Override
    public void close() {
      running.values().forEach(clip -> {
        try {
          result(clip);
        } catch (RuntimeException e) {
          LOG.debug("a clip failed", e); // whoever wanted it has been told by probabilities()
        }
      });
    }
  }

  private static float[] result(Future<float[]> running) {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return running.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw e.getCause() instanceof RuntimeException failure
              ? failure
              : new IllegalStateException(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
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

  /** Waits for clips that still run. */
  @Override
  public void close() {
    cores.shutdown();
    boolean interrupted = false;
    for (boolean ended = false; !ended; ) {
      try {
        ended = cores.awaitTermination(1, TimeUnit.MINUTES);
      } catch (InterruptedException e) {
        interrupted = true; // a session that is closed while it runs ends the process
      }
    }
    if (allCores != oneCore) {
      allCores.close();
    }
    oneCore.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
