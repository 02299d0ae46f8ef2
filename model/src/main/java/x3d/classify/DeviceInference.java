package x3d.classify;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.runtime.Device;
import x3d.runtime.HostTensor;
import x3d.runtime.Session;

/**
 * A model on devices beside the CPU: clips run in batches, which go to the devices in turn. A batch has the same size for
 * each video that is looked at alike, so that what a provider prepares for a shape serves them all. Where clips of several callers
 * may be gathered, a batch is of any of theirs that have one shape, and is filled up to one of a few sizes.
 */
final class DeviceInference implements Inference {
  private static final Logger LOG = LoggerFactory.getLogger(DeviceInference.class);

  /** Of X3D-M they are 120 MB on their way in. */
  private static final int MOST_AT_ONCE = 10;

  private final Duration delay;
  private final List<Worker> workers = new ArrayList<>();
  /** By the shape of their clips; the lock on all of them. */
  private final Map<List<Long>, Gathered> gathering = new HashMap<>();

  private final AtomicInteger next = new AtomicInteger();

  /** @throws x3d.runtime.RuntimeFailure if a device cannot be used, or the bytes are no model that ONNX Runtime takes */
  DeviceInference(byte[] onnx, List<Device> devices, Loading how) {
    this.delay = how.delay();
    try {
      devices.forEach(
          device -> workers.add(new Worker(Session.open(onnx, device, how.profiling()))));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  @Override
  public Map<String, String> metadata() {
    return session().metadata();
  }

  @Override
  public long clipSide() {
    return session().inputShape(INPUT)[3];
  }

  @Override
  public int classes() {
    return (int) session().outputShape(OUTPUT)[1];
  }

  private Session session() {
    return workers.get(0).session;
  }

  @Override
  public Clips clips(FloatBuffer values, long[] shape) {
    return delay.isZero() ? new Batches(values, shape) : new GatheredClips(values, shape);
  }

  private Worker nextWorker() {
    return workers.get(Math.floorMod(next.getAndIncrement(), workers.size()));
  }

  @Override
  public void close() {
    boolean interrupted = false;
    for (Worker worker : workers) {
      interrupted |= worker.end();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A device with the thread that feeds it, and the tensors of the last shape, which the next batch mostly has too. */
  private final class Worker {
    private final Session session;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> {
      Thread made = new Thread(task, "x3d-device");
      made.setDaemon(true);
      return made;
    });
    private HostTensor clips;
    private HostTensor answers;

    Worker(Session session) {
      this.session = session;
    }

    /** @param rows of the batch that runs; those beyond the clips hold anything */
    Future<List<float[]>> submit(List<FloatBuffer> batch, long[] shape, int rows) {
      return thread.submit(() -> run(batch, shape, rows));
    }

    private List<float[]> run(List<FloatBuffer> batch, long[] shape, int rows) {
      makeRoom(new long[] {rows, shape[0], shape[1], shape[2], shape[3]});
      FloatBuffer in = clips.floats();
      batch.forEach(clip -> in.put(clip.duplicate()));
      session.run(Map.of(INPUT, clips), Map.of(OUTPUT, answers));
      FloatBuffer out = answers.floats();
      List<float[]> all = new ArrayList<>();
      for (int i = 0; i < batch.size(); i++) {
        float[] one = new float[classes()];
        out.get(one);
        all.add(one);
      }
      return all;
    }

    private void makeRoom(long[] shape) {
      if (clips != null && Arrays.equals(clips.shape(), shape)) {
        return;
      }
      if (clips != null) {
        clips.close();
        answers.close();
        clips = null; // should there be no room for the next
      }
      answers = HostTensor.pinnedFloats(session, shape[0], classes());
      clips = HostTensor.pinnedFloats(session, shape);
    }

    boolean end() {
      boolean interrupted = Inference.awaitEnd(thread);
      session.close(); // and with it the tensors
      return interrupted;
    }
  }

  /** Where the answer to a clip will be. */
  private record Place(Future<List<float[]>> batch, int row) {}

  private final class Batches implements Clips {
    private final FloatBuffer values;
    private final long[] shape;
    private final int size;
    private final int batch;
    private final List<Integer> waiting = new ArrayList<>();
    private final Map<Integer, Place> running = new TreeMap<>();
    private final List<Future<List<float[]>>> all = new ArrayList<>();

    Batches(FloatBuffer values, long[] shape) {
      this.values = values;
      this.shape = shape.clone();
      this.size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
      int each = (count() + workers.size() - 1) / workers.size();
      this.batch = Math.min(Math.max(1, each), MOST_AT_ONCE);
    }

    @Override
    public int count() {
      return values.capacity() / size;
    }

    @Override
    public void start(int i) {
      if (waiting.contains(i)) {
        return; // its values are read when the batch is full
      }
      waiting.add(i);
      if (waiting.size() == batch) {
        send();
      }
    }

    private void send() {
      if (waiting.isEmpty()) {
        return;
      }
      List<FloatBuffer> clips =
          waiting.stream().map(i -> values.slice(i * size, size)).toList();
      Future<List<float[]>> sent = nextWorker().submit(clips, shape, clips.size());
      all.add(sent);
      for (int row = 0; row < waiting.size(); row++) {
        running.put(waiting.get(row), new Place(sent, row));
      }
      waiting.clear();
    }

    @Override
    public List<float[]> probabilities(Runnable stillWanted) {
      send();
      return running.values().stream()
          .map(place -> Inference.result(place.batch(), stillWanted).get(place.row()))
          .toList();
    }

    @Override
    public void close() {
      all.forEach(sent -> {
        try {
          Inference.result(sent);
        } catch (RuntimeException e) {
          LOG.debug("a batch failed", e); // whoever wanted it has been told by probabilities()
        }
      });
    }
  }

  /** Clips of several callers that will run together. */
  private final class Gathered {
    private final List<Long> key;
    private final long[] shape;
    private final List<FloatBuffer> clips = new ArrayList<>();
    private final CompletableFuture<Future<List<float[]>>> sent = new CompletableFuture<>();

    Gathered(List<Long> key, long[] shape) {
      this.key = key;
      this.shape = shape;
      CompletableFuture.delayedExecutor(delay.toNanos(), TimeUnit.NANOSECONDS).execute(this::send);
    }

    void send() {
      synchronized (gathering) {
        if (!gathering.remove(key, this)) {
          return; // full before its time
        }
        try {
          sent.complete(nextWorker().submit(clips, shape, rows(clips.size())));
        } catch (RuntimeException e) {
          sent.completeExceptionally(e);
        }
      }
    }
  }

  /** The few sizes that a provider prepares for. */
  private static int rows(int clips) {
    int rows = 1;
    while (rows < clips) {
      rows *= 2;
    }
    return Math.min(rows, MOST_AT_ONCE);
  }

  private record GatheredPlace(Gathered batch, int row) {}

  /** One caller's clips among those of others. */
  private final class GatheredClips implements Clips {
    private final FloatBuffer values;
    private final long[] shape;
    private final int size;
    private final Map<Integer, GatheredPlace> running = new TreeMap<>();
    private final Set<Gathered> all = new LinkedHashSet<>();

    GatheredClips(FloatBuffer values, long[] shape) {
      this.values = values;
      this.shape = shape.clone();
      this.size = Math.toIntExact(Arrays.stream(shape).reduce(1, Math::multiplyExact));
    }

    @Override
    public int count() {
      return values.capacity() / size;
    }

    @Override
    public void start(int i) {
      synchronized (gathering) {
        Gathered batch = gathering.computeIfAbsent(
            Arrays.stream(shape).boxed().toList(), key -> new Gathered(key, shape));
        batch.clips.add(values.slice(i * size, size));
        running.put(i, new GatheredPlace(batch, batch.clips.size() - 1));
        all.add(batch);
        if (batch.clips.size() == MOST_AT_ONCE) {
          batch.send();
        }
      }
    }

    @Override
    public List<float[]> probabilities(Runnable stillWanted) {
      return running.values().stream()
          .map(place -> {
            var sent = Inference.result(place.batch().sent, stillWanted);
            return Inference.result(sent, stillWanted).get(place.row());
          })
          .toList();
    }

    @Override
    public void close() {
      all.forEach(batch -> {
        try {
          Inference.result(Inference.result(batch.sent));
        } catch (RuntimeException e) {
          LOG.debug("a batch failed", e); // whoever wanted it has been told by probabilities()
        }
      });
    }
  }
}
