package x3d.runtime;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.OrtApi;
import org.bytedeco.onnxruntime.OrtCANNProviderOptions;
import org.bytedeco.onnxruntime.OrtCUDAProviderOptionsV2;
import org.bytedeco.onnxruntime.SessionOptions;
import org.bytedeco.onnxruntime.global.onnxruntime;
import x3d.kernel.Operator;

/** The execution providers that sessions can run on; a further one is a constant with its own {@link #configure}. */
public enum Provider {
  CPU("CPUExecutionProvider", "Cpu", "Cpu") {
    @Override
    void configure(SessionOptions options, Device device) {
      super.configure(options, device);
      options.AddConfigEntry("session.use_env_allocators", "1");
      // A plan for all tensors at once would come on top of what the first run has taken.
      options.DisableMemPattern();
    }

    @Override
    public Availability availability() {
      return Availability.usable(
          this,
          List.of(new DeviceInfo(
              0,
              Runtime.getRuntime().availableProcessors() + " cores, "
                  + System.getProperty("os.arch"),
              OptionalLong.empty())));
    }

    @Override
    List<ProviderOption> options() {
      return List.of();
    }

    @Override
    public boolean hasKernels() {
      return Operator.available();
    }
  },

  /** NVIDIA's devices. */
  CUDA("CUDAExecutionProvider", "Cuda", "CudaPinned") {
    @Override
    void configure(SessionOptions options, Device device) {
      super.configure(options, device);
      OrtApi api = onnxruntime.GetApi();
      try (OrtCUDAProviderOptionsV2 made = new OrtCUDAProviderOptionsV2((Pointer) null)) {
        Native.check(api, api.CreateCUDAProviderOptions(made));
        try (Words settings = new Words(settings(device))) {
          Native.check(
              api,
              api.UpdateCUDAProviderOptions(
                  made, settings.keys(), settings.values(), settings.size()));
          Native.check(
              api,
              api.SessionOptionsAppendExecutionProvider_CUDA_V2(
                  options.asOrtSessionOptions(), made));
        } finally {
          api.ReleaseCUDAProviderOptions().call(made);
        }
      }
    }

    /** EXHAUSTIVE measures cuDNN's algorithms at the first run of each shape; DEFAULT has been its slow fallback since 1.20. */
    @Override
    Map<String, String> usual() {
      return Map.of(
          "cudnn_conv_algo_search", "EXHAUSTIVE",
          "cudnn_conv_use_max_workspace", "1",
          "arena_extend_strategy", "kSameAsRequested");
    }

    @Override
    List<ProviderOption> options() {
      return Stream.of(
              ProviderOption.numbers(
                  "gpu_mem_limit", "tunable_op_max_tuning_duration_ms", "sdpa_kernel"),
              ProviderOption.switches(
                  "do_copy_in_default_stream",
                  "cudnn_conv_use_max_workspace",
                  "cudnn_conv1d_pad_to_nc1d",
                  "prefer_nhwc",
                  "use_tf32",
                  "use_ep_level_unified_stream",
                  "enable_skip_layer_norm_strict_mode",
                  "tunable_op_enable",
                  "tunable_op_tuning_enable",
                  "fuse_conv_bias"),
              List.of(
                  EXTEND, ProviderOption.word("cudnn_conv_algo_search", "EXHAUSTIVE", "HEURISTIC")))
          .flatMap(List::stream)
          .toList();
    }

    @Override
    public Availability availability() {
      return new CudaInstallation(
              OrtLibrary.providers(),
              OrtLibrary.described(),
              OrtLibrary.folder(),
              new JnaLibraries(),
              CudaDriver.ofThisMachine())
          .availability();
    }
  },

  /** Huawei's Ascend NPUs. */
  CANN("CANNExecutionProvider", "Cann", "CannPinned") {
    @Override
    void configure(SessionOptions options, Device device) {
      super.configure(options, device);
      OrtApi api = onnxruntime.GetApi();
      try (OrtCANNProviderOptions made = new OrtCANNProviderOptions((Pointer) null)) {
        Native.check(api, api.CreateCANNProviderOptions(made));
        try (Words settings = new Words(settings(device))) {
          Native.check(
              api,
              api.UpdateCANNProviderOptions(
                  made, settings.keys(), settings.values(), settings.size()));
          Native.check(
              api,
              api.SessionOptionsAppendExecutionProvider_CANN(options.asOrtSessionOptions(), made));
        } finally {
          api.ReleaseCANNProviderOptions().call(made);
        }
      }
    }

    /** The provider's own default of {@code precision_mode} computes everything in float16. */
    @Override
    Map<String, String> usual() {
      return Map.of(
          "enable_cann_graph", "1",
          "precision_mode", "allow_fp32_to_fp16",
          "arena_extend_strategy", "kSameAsRequested");
    }

    @Override
    List<ProviderOption> options() {
      return Stream.of(
              ProviderOption.numbers("npu_mem_limit"),
              ProviderOption.switches("enable_cann_graph", "dump_graphs", "dump_om_model"),
              ProviderOption.texts("optypelist_for_implmode"),
              List.of(
                  EXTEND,
                  ProviderOption.word(
                      "precision_mode",
                      "force_fp32",
                      "cube_fp16in_fp32out",
                      "force_fp16",
                      "allow_fp32_to_fp16",
                      "must_keep_origin_dtype",
                      "allow_mix_precision",
                      "allow_mix_precision_fp16"),
                  ProviderOption.word("op_select_impl_mode", "high_precision", "high_performance")))
          .flatMap(List::stream)
          .toList();
    }

    @Override
    public Availability availability() {
      return new CannInstallation(
              OrtLibrary.providers(),
              OrtLibrary.described(),
              new JnaLibraries(),
              System.getenv(),
              Path.of("/dev"))
          .availability();
    }
  };

  private static final ProviderOption EXTEND =
      ProviderOption.word("arena_extend_strategy", "kNextPowerOfTwo", "kSameAsRequested");

  private final String ortName;
  private final String memory;
  private final String pinned;

  Provider(String ortName, String memory, String pinned) {
    this.ortName = ortName;
    this.memory = memory;
    this.pinned = pinned;
  }

  /** The name in options. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** What ONNX Runtime calls it. */
  String ortName() {
    return ortName;
  }

  /** What ONNX Runtime calls the memory of its devices. */
  String memory() {
    return memory;
  }

  /** What ONNX Runtime calls the memory of the host that its devices reach fastest. */
  String pinned() {
    return pinned;
  }

  /** Sets up a session for {@code device}, which is of this provider. */
  void configure(SessionOptions options, Device device) {
    options.SetIntraOpNumThreads(device.threads());
    options.SetInterOpNumThreads(1);
    options.AddConfigEntry("session.intra_op.allow_spinning", "0");
  }

  /**
   * Whether it can be used here, on which devices, or why not: looks at the libraries and the driver.
   *
   * @throws RuntimeFailure if ONNX Runtime itself cannot be loaded
   */
  public abstract Availability availability();

  abstract List<ProviderOption> options();

  /** What x3d sets unless it is told otherwise. */
  Map<String, String> usual() {
    return Map.of();
  }

  /** All that the provider of a session is told. */
  Map<String, String> settings(Device device) {
    Map<String, String> settings = new TreeMap<>(usual());
    settings.putAll(device.options().values());
    settings.put("device_id", Integer.toString(device.index()));
    return settings;
  }

  /**
   * Options as a user gives them.
   *
   * @throws IllegalArgumentException if the provider has no such option, or the value is none of it
   */
  public ProviderOptions options(Map<String, String> asked, boolean strict) {
    Map<String, String> values = new TreeMap<>();
    asked.forEach((name, value) -> values.put(name, option(name).read(value)));
    return new ProviderOptions(values, strict);
  }

  private ProviderOption option(String name) {
    if (name.equals("device_id")) {
      throw new IllegalArgumentException("provider option device_id: --devices says which");
    }
    List<ProviderOption> known = options();
    return known.stream()
        .filter(option -> option.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("the provider " + id() + " has no option '"
            + name + "'; "
            + (known.isEmpty()
                ? "it has none"
                : "it has "
                    + known.stream()
                        .map(ProviderOption::name)
                        .sorted()
                        .collect(Collectors.joining(", ")))));
  }

  /** Whether operators of our own domain run on it, in this JVM. */
  public boolean hasKernels() {
    return false;
  }

  /** The provider of an {@code --ep} option.
   *  @throws RuntimeFailure if there is none of that name */
  public static Provider of(String name) {
    for (Provider p : values()) {
      if (p.name().equalsIgnoreCase(name)) {
        return p;
      }
    }
    String known = Arrays.stream(values()).map(Provider::id).collect(Collectors.joining(", "));
    throw new RuntimeFailure("no execution provider '" + name + "'; there are: " + known);
  }

  /** Names and values as C takes them. */
  private static final class Words implements AutoCloseable {
    private final PointerPointer<Pointer> keys;
    private final PointerPointer<Pointer> values;
    private final int size;

    Words(Map<String, String> words) {
      List<String> names = new ArrayList<>(words.keySet());
      keys = new PointerPointer<>(names.toArray(String[]::new));
      values = new PointerPointer<>(names.stream().map(words::get).toArray(String[]::new));
      size = names.size();
    }

    PointerPointer<Pointer> keys() {
      return keys;
    }

    PointerPointer<Pointer> values() {
      return values;
    }

    int size() {
      return size;
    }

    @Override
    public void close() {
      keys.close();
      values.close();
    }
  }
}
