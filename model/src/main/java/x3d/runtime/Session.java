package x3d.runtime;

import ai.onnx.proto.OnnxMl.ModelProto;
import ai.onnx.proto.OnnxMl.TensorShapeProto;
import ai.onnx.proto.OnnxMl.ValueInfoProto;
import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.onnxruntime.IoBinding;
import org.bytedeco.onnxruntime.RunOptions;
import org.bytedeco.onnxruntime.SessionOptions;
import org.bytedeco.onnxruntime.Value;
import org.bytedeco.onnxruntime.global.onnxruntime;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import x3d.kernel.Operator;

/** A model loaded on a device. {@link #run} may be called by several threads at once, each with tensors of its own. */
public final class Session implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final org.bytedeco.onnxruntime.Session session;
  private final Map<String, long[]> inputs;
  private final Map<String, long[]> outputs;
  private final Map<String, String> metadata;
  private final Device device;
  private final Assignment assignment;
  private final Profiling profiling;
  private DeviceMemory deviceMemory;
  private DeviceMemory pinnedMemory;
  private Copies copies;
  private boolean closed;

  private Session(
      org.bytedeco.onnxruntime.Session session,
      ModelProto model,
      Device device,
      Assignment assignment,
      Profiling profiling) {
    this.session = session;
    this.device = device;
    this.assignment = assignment;
    this.profiling = profiling;
    this.inputs = shapes(model.getGraph().getInputList());
    this.outputs = shapes(model.getGraph().getOutputList());
    this.metadata = new LinkedHashMap<>();
    model.getMetadataPropsList().forEach(p -> metadata.put(p.getKey(), p.getValue()));
  }

  /** @throws RuntimeFailure if the file cannot be read or is no model that ONNX Runtime takes */
  public static Session open(Path file, Device device) {
    byte[] onnx = read(file);
    try {
      return open(onnx, device);
    } catch (RuntimeFailure e) {
      throw new RuntimeFailure(file + ": " + e.getMessage(), e);
    }
  }

  /** The bytes of a model file.
   *  @throws RuntimeFailure if it cannot be read */
  public static byte[] read(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new RuntimeFailure("no such model file: " + file, e);
    } catch (IOException e) {
      throw new RuntimeFailure("cannot read model file " + file + ": " + e.getMessage(), e);
    }
  }

  /**
   * @throws RuntimeFailure if the device cannot be used here, ONNX Runtime does not take the model, or the device's options
   *     are strict and the provider leaves nodes of it to the CPU
   */
  public static Session open(byte[] onnx, Device device) {
    return open(onnx, device, Profiling.OFF);
  }

  /** As the other, with notes of when its nodes run. */
  public static Session open(byte[] onnx, Device device, Profiling profiling) {
    OrtLibrary.choose();
    device.require();
    Session session =
        open(onnx, device, profiling, options -> device.provider().configure(options, device));
    try {
      session.tellOfOthers(device.provider().ortName(), device.options().strict());
      return session;
    } catch (RuntimeFailure e) {
      session.close();
      throw e;
    }
  }

  /** @param configure appends the provider */
  static Session open(byte[] onnx, Device device, Consumer<SessionOptions> configure) {
    return open(onnx, device, Profiling.OFF, configure);
  }

  private static Session open(
      byte[] onnx, Device device, Profiling profiling, Consumer<SessionOptions> configure) {
    ModelProto model;
    try {
      model = ModelProto.parseFrom(onnx);
    } catch (InvalidProtocolBufferException e) {
      throw new RuntimeFailure("not an ONNX model", e);
    }
    boolean ours =
        model.getOpsetImportList().stream().anyMatch(o -> o.getDomain().equals(Operator.DOMAIN));
    if (ours && !Operator.available()) {
      throw new RuntimeFailure("the model uses operators of the domain " + Operator.DOMAIN
          + ", which need the Vector API: start java with --add-modules jdk.incubator.vector, or"
          + " use a model in the lowering conv3d");
    }
    try (SessionOptions options = new SessionOptions();
        BytePointer bytes = new BytePointer(onnx)) {
      options.SetGraphOptimizationLevel(onnxruntime.ORT_ENABLE_ALL);
      options.AddConfigEntry(Assignment.RECORD, "1");
      configure.accept(options);
      profiling.configure(options);
      if (ours) {
        options.Add(CustomOperators.domain());
      }
      var loaded =
          new org.bytedeco.onnxruntime.Session(Native.ENVIRONMENT, bytes, onnx.length, options);
      try {
        Session session = new Session(
            loaded,
            model,
            device,
            Assignment.of(onnxruntime.GetApi(), loaded.asOrtSession()),
            profiling);
        profiling.opened(session);
        return session;
      } catch (RuntimeException e) {
        loaded.close();
        throw e;
      }
    } catch (RuntimeException e) {
      throw new RuntimeFailure("not a model that ONNX Runtime takes: " + e.getMessage(), e);
    }
  }

  /** Nothing falls to the CPU in silence. */
  void tellOfOthers(String provider, boolean strict) {
    String others = assignment.summary(provider);
    if (others.isEmpty()) {
      return;
    }
    String text = provider + " leaves " + others;
    if (strict) {
      throw new RuntimeFailure(text + "; --strict-ep refuses that");
    }
    LOG.warn("{}", text);
  }

  /** Which provider computes which node. */
  public Assignment assignment() {
    return assignment;
  }

  /** What it runs on. */
  public Device device() {
    return device;
  }

  /** Only by {@link Profiling}, with which it was opened. */
  synchronized SessionTrace endProfile() {
    requireOpen();
    return Profiling.end(session);
  }

  synchronized DeviceMemory deviceMemory() {
    requireOpen();
    if (deviceMemory == null) {
      deviceMemory = memory(device.provider().memory(), onnxruntime.OrtMemTypeDefault);
    }
    return deviceMemory;
  }

  synchronized DeviceMemory pinnedMemory() {
    requireOpen();
    if (pinnedMemory == null) {
      boolean plain = device.provider() == Provider.CPU;
      pinnedMemory = memory(
          device.provider().pinned(),
          plain ? onnxruntime.OrtMemTypeDefault : onnxruntime.OrtMemTypeCPUOutput);
    }
    return pinnedMemory;
  }

  /** The CPU's is one, whatever the number of the replica on it. */
  private DeviceMemory memory(String name, int use) {
    return new DeviceMemory(
        session, name, device.provider() == Provider.CPU ? 0 : device.index(), use);
  }

  synchronized Copies copies() {
    requireOpen();
    if (copies == null) {
      copies = new Copies(device);
    }
    return copies;
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("this session is closed");
    }
  }

  private static Map<String, long[]> shapes(List<ValueInfoProto> values) {
    Map<String, long[]> shapes = new LinkedHashMap<>();
    for (ValueInfoProto v : values) {
      List<TensorShapeProto.Dimension> dims =
          v.getType().getTensorType().getShape().getDimList();
      shapes.put(
          v.getName(),
          dims.stream().mapToLong(d -> d.hasDimValue() ? d.getDimValue() : -1).toArray());
    }
    return shapes;
  }

  public List<String> inputNames() {
    return List.copyOf(inputs.keySet());
  }

  public List<String> outputNames() {
    return List.copyOf(outputs.keySet());
  }

  /** The declared shape of an input; -1 where it is free. */
  public long[] inputShape(String name) {
    return declared(inputs, "input", name).clone();
  }

  /** The declared shape of an output; -1 where it is free. */
  public long[] outputShape(String name) {
    return declared(outputs, "output", name).clone();
  }

  /** {@code metadata_props} of the model. */
  public Map<String, String> metadata() {
    return Map.copyOf(metadata);
  }

  /**
   * Runs the model once.
   *
   * @param given a tensor for each input
   * @param filled a tensor for each output that is wanted, in its shape; they are written to
   * @throws RuntimeFailure if a name or a shape does not fit, or an operator fails
   */
  public void run(
      Map<String, ? extends RuntimeTensor> given, Map<String, ? extends RuntimeTensor> filled) {
    requireOpen();
    given.forEach((name, t) -> check(inputs, "input", name, t));
    filled.forEach((name, t) -> check(outputs, "output", name, t));
    for (String name : inputs.keySet()) {
      if (!given.containsKey(name)) {
        throw new RuntimeFailure("input '" + name + "' is missing");
      }
    }
    List<Value> views = new ArrayList<>();
    try (RunOptions options = new RunOptions();
        IoBinding binding = new IoBinding(session)) {
      given.forEach((name, t) -> binding.BindInput(name, viewed(views, t)));
      filled.forEach((name, t) -> binding.BindOutput(name, viewed(views, t)));
      session.Run(options, binding);
    } catch (RuntimeException e) {
      throw new RuntimeFailure("ONNX Runtime: " + e.getMessage(), e);
    } finally {
      views.forEach(Value::close);
    }
  }

  private static Value viewed(List<Value> views, RuntimeTensor tensor) {
    Value view = tensor.view();
    views.add(view);
    return view;
  }

  private static long[] declared(Map<String, long[]> all, String kind, String name) {
    long[] shape = all.get(name);
    if (shape == null) {
      throw new RuntimeFailure(
          "the model has no " + kind + " '" + name + "'; it has " + all.keySet());
    }
    return shape;
  }

  private static void check(
      Map<String, long[]> all, String kind, String name, RuntimeTensor tensor) {
    long[] declared = declared(all, kind, name);
    long[] actual = tensor.shape();
    boolean fits = declared.length == actual.length;
    for (int i = 0; fits && i < declared.length; i++) {
      fits = declared[i] < 0 || declared[i] == actual[i];
    }
    if (!fits) {
      throw new RuntimeFailure(kind + " '" + name + "' has shape " + Arrays.toString(declared)
          + " (-1: free), got " + Arrays.toString(actual));
    }
  }

  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    profiling.closed(this);
    if (copies != null) {
      copies.close();
    }
    if (pinnedMemory != null) {
      pinnedMemory.close();
    }
    if (deviceMemory != null) {
      deviceMemory.close();
    }
    session.close();
  }
}
