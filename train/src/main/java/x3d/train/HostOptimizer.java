package x3d.train;

import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import x3d.collective.Collective;
import x3d.profile.Profiler;
import x3d.profile.Span;
import x3d.runtime.HostTensor;

/** The optimizer for any number of replicas and ranks: {@link ShardedSgd} in the memory of the host, on the workers' threads. */
final class HostOptimizer implements Optimizer {
  private final Collective ranks;
  private final Profiler profiler;
  private final ShardedSgd sgd;
  private final Workers workers;
  private final HostTensor parameters;
  private final List<HostTensor> gradients = new ArrayList<>();
  /** This rank's slice of the sum over ranks. */
  private final HostTensor incoming;

  /**
   * @param parameters flat; not changed, as is the next
   * @param momentum flat
   * @param updates how many updates these have seen
   * @param replicas of this rank
   * @param workers left open
   * @param profiler tells the exchange from the rest
   */
  HostOptimizer(
      ShardedSgd.Options options,
      ParameterGroups groups,
      float[] parameters,
      float[] momentum,
      long updates,
      int replicas,
      Workers workers,
      Collective ranks,
      Profiler profiler) {
    this.ranks = ranks;
    this.profiler = profiler;
    this.workers = workers;
    this.sgd =
        new ShardedSgd(options, groups, parameters, momentum, updates, workers.count(), ranks);
    this.parameters = HostTensor.floats(parameters.length);
    this.parameters.floats().put(parameters);
    this.incoming = HostTensor.floats(sgd.partition().length(ranks.rank()));
    for (int i = 0; i < replicas; i++) {
      gradients.add(HostTensor.floats(parameters.length));
    }
  }

  @Override
  public HostTensor parameters() {
    return parameters;
  }

  @Override
  public HostTensor gradients(int i) {
    return gradients.get(i);
  }

  @Override
  public void accumulate(boolean first) {
    List<FloatBuffer> buffers = gradients.stream().map(HostTensor::floats).toList();
    profiler.during(
        Span.EXCHANGE,
        () -> workers.each(workers.count(), worker -> sgd.reduce(worker, buffers, first)));
  }

  @Override
  public double settle(double scale) {
    // The gradients are in the sums: a replica's buffer is free to send from.
    profiler.during(
        Span.EXCHANGE, () -> sgd.exchange(gradients.get(0).floats(), incoming.floats()));
    profiler.during(
        Span.OPTIMIZER, () -> workers.each(workers.count(), worker -> sgd.settle(worker, scale)));
    return profiler.during(Span.EXCHANGE, sgd::measure);
  }

  @Override
  public void update(double rate) {
    FloatBuffer published = parameters.floats();
    profiler.during(
        Span.OPTIMIZER,
        () -> workers.each(workers.count(), worker -> sgd.update(worker, rate, published)));
    profiler.during(Span.EXCHANGE, () -> sgd.finish(published));
  }

  @Override
  public void skip() {
    sgd.skip();
  }

  @Override
  public long updates() {
    return sgd.updates();
  }

  @Override
  public float[] values() {
    float[] all = new float[parameters.floats().capacity()];
    parameters.floats().get(all);
    return all;
  }

  @Override
  public float[] momentum() {
    if (ranks.size() == 1) {
      return sgd.momentum().clone();
    }
    float[] all = new float[parameters.floats().capacity()];
    try (HostTensor gathered = HostTensor.floats(all.length)) {
      gathered.floats().put(sgd.partition().from(ranks.rank()), sgd.momentum());
      ranks.allGather(gathered.floats(), sgd.partition());
      gathered.floats().get(all);
    }
    return all;
  }

  @Override
  public long stateBytes() {
    return (long) Float.BYTES * sgd.momentum().length;
  }

  @Override
  public void close() {
    gradients.forEach(HostTensor::close);
    incoming.close();
    parameters.close();
  }
}
