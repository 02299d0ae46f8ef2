package x3d.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import x3d.net.SgdStep;
import x3d.profile.Profiler;
import x3d.profile.Span;
import x3d.runtime.DeviceTensor;
import x3d.runtime.HostTensor;
import x3d.runtime.RuntimeTensor;
import x3d.runtime.Session;

/**
 * The optimizer for one replica that trains alone, on its device: parameters, momentum and gradients never leave it. Parameters
 * and momentum lie there twice, for an update reads the one and writes the other.
 */
final class DeviceOptimizer implements Optimizer {
  private final ShardedSgd.Options options;
  private final Profiler profiler;
  private final Session norm;
  private final Session step;
  private final List<RuntimeTensor> owned = new ArrayList<>();
  private final List<Session> sessions = new ArrayList<>();
  private final DeviceTensor gradients;
  private final DeviceTensor decay;
  /** Null if all rates are the same. */
  private final DeviceTensor rateScales;

  private final HostTensor factor;
  private final HostTensor shrunkFactor;
  private final HostTensor keep;
  private final HostTensor rate;
  private final HostTensor measured;
  private final int size;
  private DeviceTensor parameters;
  private DeviceTensor momentum;
  private DeviceTensor nextParameters;
  private DeviceTensor nextMomentum;
  private boolean moving;
  private long updates;

  /**
   * @param training the session whose device it is; must outlive this
   * @param options without a clip value
   * @param parameters flat; not changed, as is the next
   * @param momentum flat
   * @param updates how many updates these have seen
   * @param profiler told of what the optimizer takes
   */
  DeviceOptimizer(
      Session training,
      ShardedSgd.Options options,
      ParameterGroups groups,
      float[] parameters,
      float[] momentum,
      long updates,
      Profiler profiler) {
    this.options = options;
    this.profiler = profiler;
    this.updates = updates;
    this.moving = updates > 0;
    this.size = parameters.length;
    SgdStep graphs =
        SgdStep.build(size, options.momentum(), options.nesterov(), groups.ratesDiffer());
    try {
      factor = scalar();
      shrunkFactor = scalar();
      keep = scalar();
      rate = scalar();
      measured = scalar();
      norm = session(graphs.norm(), training);
      step = session(graphs.update(), training);
      this.parameters = made(training);
      this.momentum = made(training);
      nextParameters = made(training);
      nextMomentum = made(training);
      gradients = made(training);
      decay = made(training);
      rateScales = groups.ratesDiffer() ? made(training) : null;
      put(this.parameters, parameters);
      put(this.momentum, momentum);
      put(decay, expanded(groups, i -> groups.decays()[i]));
      if (rateScales != null) {
        put(rateScales, expanded(groups, i -> (float) groups.rateScales()[i]));
      }
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** Whether it can do what is asked: not clip each gradient by value. */
  static boolean takes(ShardedSgd.Options options) {
    return options.clipValue().isEmpty();
  }

  private Session session(byte[] onnx, Session training) {
    Session session = Session.open(onnx, training.device());
    sessions.add(session);
    return session;
  }

  private HostTensor scalar() {
    HostTensor tensor = HostTensor.floats(1);
    owned.add(tensor);
    return tensor;
  }

  private DeviceTensor made(Session training) {
    DeviceTensor tensor = DeviceTensor.floats(training, size);
    owned.add(tensor);
    return tensor;
  }

  private void put(DeviceTensor tensor, float[] values) {
    try (HostTensor host = HostTensor.floats(size)) {
      host.floats().put(values);
      tensor.upload(host);
    }
  }

  private float[] expanded(ParameterGroups groups, IntFunction<Float> ofGroup) {
    float[] values = new float[size];
    int from = 0;
    for (int i = 0; i < groups.ends().length; i++) {
      Arrays.fill(values, from, groups.ends()[i], ofGroup.apply(i));
      from = groups.ends()[i];
    }
    return values;
  }

  @Override
  public RuntimeTensor parameters() {
    return parameters;
  }

  @Override
  public RuntimeTensor gradients(int i) {
    return gradients;
  }

  @Override
  public void accumulate(boolean first) {
    if (!first) {
      throw new IllegalStateException("gradients of several micro-batches add up on the host");
    }
  }

  @Override
  public double settle(double scale) {
    factor.floats().put(0, (float) scale);
    profiler.during(
        Span.OPTIMIZER,
        () -> norm.run(Map.of("gradients", gradients, "factor", factor), Map.of("norm", measured)));
    return measured.floats().get(0);
  }

  @Override
  public void update(double learningRate) {
    double shrink = options.clipNorm().isEmpty()
        ? 1
        : Math.min(1, options.clipNorm().getAsDouble() / (measured.floats().get(0) + 1e-6));
    shrunkFactor.floats().put(0, (float) (factor.floats().get(0) * shrink));
    keep.floats().put(0, moving ? (float) (1 - options.dampening()) : 1);
    rate.floats().put(0, (float) learningRate);
    Map<String, RuntimeTensor> given = new HashMap<>(Map.of(
        "parameters", parameters,
        "momentum", momentum,
        "gradients", gradients,
        "decay", decay,
        "factor", shrunkFactor,
        "keep", keep,
        "rate", rate));
    if (rateScales != null) {
      given.put("rate_scales", rateScales);
    }
    Map<String, RuntimeTensor> filled =
        Map.of("new_parameters", nextParameters, "new_momentum", nextMomentum);
    profiler.during(Span.OPTIMIZER, () -> step.run(given, filled));
    DeviceTensor old = parameters;
    parameters = nextParameters;
    nextParameters = old;
    old = momentum;
    momentum = nextMomentum;
    nextMomentum = old;
    moving = true;
    updates++;
  }

  @Override
  public void skip() {
    updates++;
  }

  @Override
  public long updates() {
    return updates;
  }

  @Override
  public float[] values() {
    return got(parameters);
  }

  @Override
  public float[] momentum() {
    return got(momentum);
  }

  private float[] got(DeviceTensor tensor) {
    float[] values = new float[size];
    try (HostTensor host = HostTensor.floats(size)) {
      tensor.download(host);
      host.floats().get(values);
    }
    return values;
  }

  @Override
  public long stateBytes() {
    return (long) Float.BYTES * size;
  }

  @Override
  public void close() {
    sessions.forEach(Session::close);
    owned.forEach(RuntimeTensor::close);
  }
}
