package x3d.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FunctionPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.onnxruntime.CustomOpDomain;
import org.bytedeco.onnxruntime.OrtApi;
import org.bytedeco.onnxruntime.OrtCustomOp;
import org.bytedeco.onnxruntime.OrtCustomOpDomain;
import org.bytedeco.onnxruntime.OrtKernelContext;
import org.bytedeco.onnxruntime.OrtKernelInfo;
import org.bytedeco.onnxruntime.OrtStatus;
import org.bytedeco.onnxruntime.global.onnxruntime;
import x3d.kernel.Operator;

/**
 * Makes the operators of {@link Operator} known to ONNX Runtime, which calls back into Java for them. It lives until the
 * process ends: ONNX Runtime keeps the addresses of all that is here.
 *
 * <p>JavaCPP has few native functions to give to callbacks of one kind, so each kind has one callback for all operators,
 * which are told apart by their address, and kernels by the number that stands for their address. No exception leaves a
 * callback: it would end the process.
 */
final class CustomOperators {
  /** The version of {@code OrtCustomOp} that is filled in. */
  private static final int API_VERSION = 24;

  private static final CustomOpDomain DOMAIN = new CustomOpDomain(Operator.DOMAIN);
  private static final List<Object> REACHABLE = new ArrayList<>();
  private static final Map<Long, Operator> OPERATORS = new ConcurrentHashMap<>();
  private static final Map<Long, BytePointer> NAMES = new ConcurrentHashMap<>();
  private static final Map<Long, CustomKernel> KERNELS = new ConcurrentHashMap<>();
  private static final AtomicLong LAST_KERNEL = new AtomicLong();
  private static final BytePointer CPU = new BytePointer("CPUExecutionProvider");

  static {
    OrtApi api = onnxruntime.GetApi();
    Callbacks callbacks = new Callbacks(api);
    REACHABLE.add(callbacks);
    for (Operator operator : Operator.values()) {
      OrtCustomOp op = new OrtCustomOp();
      Pointer.memset(op, 0, op.sizeof());
      op.version(API_VERSION);
      callbacks.install(op);
      OPERATORS.put(op.address(), operator);
      NAMES.put(op.address(), new BytePointer(operator.opType()));
      REACHABLE.add(op);
      DOMAIN.Add(op);
    }
  }

  private CustomOperators() {}

  /** What sessions add to their options. */
  static OrtCustomOpDomain domain() {
    return DOMAIN.asOrtCustomOpDomain();
  }

  private static Operator operator(OrtCustomOp op) {
    return OPERATORS.get(op.address());
  }

  /** Runs a callback's body; what it throws becomes its status. */
  private static OrtStatus guarded(OrtApi api, Runnable body) {
    try {
      body.run();
      return null;
    } catch (Throwable t) {
      String message = t.getMessage() == null ? t.toString() : t.getMessage();
      try (BytePointer text = new BytePointer(message)) {
        return api.CreateStatus().call(onnxruntime.ORT_FAIL, text);
      }
    }
  }

  /** One of each kind. */
  private static final class Callbacks {
    private final List<FunctionPointer> all = new ArrayList<>();
    private final OrtCustomOp.GetName_OrtCustomOp name;
    private final OrtCustomOp.GetExecutionProviderType_OrtCustomOp provider;
    private final OrtCustomOp.GetInputType_OrtCustomOp_long inputType;
    private final OrtCustomOp.GetInputTypeCount_OrtCustomOp inputCount;
    private final OrtCustomOp.GetOutputType_OrtCustomOp_long outputType;
    private final OrtCustomOp.GetOutputTypeCount_OrtCustomOp outputCount;
    private final OrtCustomOp.GetInputCharacteristic_OrtCustomOp_long inputCharacteristic;
    private final OrtCustomOp.GetOutputCharacteristic_OrtCustomOp_long outputCharacteristic;
    private final OrtCustomOp.GetInputMemoryType_OrtCustomOp_long inputMemory;
    private final OrtCustomOp.CreateKernelV2_OrtCustomOp_OrtApi_OrtKernelInfo_PointerPointer create;
    private final OrtCustomOp.KernelComputeV2_Pointer_OrtKernelContext compute;
    private final OrtCustomOp.KernelDestroy_Pointer destroy;

    Callbacks(OrtApi api) {
      name = kept(() -> new OrtCustomOp.GetName_OrtCustomOp() {
        @Override
        public BytePointer call(OrtCustomOp op) {
          return NAMES.get(op.address());
        }
      });
      provider = kept(() -> new OrtCustomOp.GetExecutionProviderType_OrtCustomOp() {
        @Override
        public BytePointer call(OrtCustomOp op) {
          return CPU;
        }
      });
      inputType = kept(() -> new OrtCustomOp.GetInputType_OrtCustomOp_long() {
        @Override
        public int call(OrtCustomOp op, long index) {
          return onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
        }
      });
      inputCount = kept(() -> new OrtCustomOp.GetInputTypeCount_OrtCustomOp() {
        @Override
        public long call(OrtCustomOp op) {
          return operator(op).mostInputs();
        }
      });
      outputType = kept(() -> new OrtCustomOp.GetOutputType_OrtCustomOp_long() {
        @Override
        public int call(OrtCustomOp op, long index) {
          return onnxruntime.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
        }
      });
      outputCount = kept(() -> new OrtCustomOp.GetOutputTypeCount_OrtCustomOp() {
        @Override
        public long call(OrtCustomOp op) {
          return operator(op).mostOutputs();
        }
      });
      inputCharacteristic = kept(() -> new OrtCustomOp.GetInputCharacteristic_OrtCustomOp_long() {
        @Override
        public int call(OrtCustomOp op, long index) {
          return index < operator(op).leastInputs()
              ? onnxruntime.INPUT_OUTPUT_REQUIRED
              : onnxruntime.INPUT_OUTPUT_OPTIONAL;
        }
      });
      outputCharacteristic = kept(() -> new OrtCustomOp.GetOutputCharacteristic_OrtCustomOp_long() {
        @Override
        public int call(OrtCustomOp op, long index) {
          return index < operator(op).leastOutputs()
              ? onnxruntime.INPUT_OUTPUT_REQUIRED
              : onnxruntime.INPUT_OUTPUT_OPTIONAL;
        }
      });
      inputMemory = kept(() -> new OrtCustomOp.GetInputMemoryType_OrtCustomOp_long() {
        @Override
        public int call(OrtCustomOp op, long index) {
          return onnxruntime.OrtMemTypeDefault;
        }
      });
      create = kept(() ->
          new OrtCustomOp.CreateKernelV2_OrtCustomOp_OrtApi_OrtKernelInfo_PointerPointer() {
            @Override
            @SuppressWarnings("rawtypes")
            public OrtStatus call(
                OrtCustomOp op, OrtApi given, OrtKernelInfo info, PointerPointer made) {
              return guarded(api, () -> {
                long number = LAST_KERNEL.incrementAndGet();
                KERNELS.put(number, new CustomKernel(api, operator(op), info));
                made.put(0, new Handle(number));
              });
            }
          });
      compute = kept(() -> new OrtCustomOp.KernelComputeV2_Pointer_OrtKernelContext() {
        @Override
        public OrtStatus call(Pointer kernel, OrtKernelContext context) {
          return guarded(api, () -> KERNELS.get(kernel.address()).compute(context));
        }
      });
      destroy = kept(() -> new OrtCustomOp.KernelDestroy_Pointer() {
        @Override
        public void call(Pointer kernel) {
          KERNELS.remove(kernel.address());
        }
      });
    }

    private <F extends FunctionPointer> F kept(Supplier<F> made) {
      F callback = made.get();
      all.add(callback);
      return callback;
    }

    void install(OrtCustomOp op) {
      op.GetName(name);
      op.GetExecutionProviderType(provider);
      op.GetInputType(inputType);
      op.GetInputTypeCount(inputCount);
      op.GetOutputType(outputType);
      op.GetOutputTypeCount(outputCount);
      op.GetInputCharacteristic(inputCharacteristic);
      op.GetOutputCharacteristic(outputCharacteristic);
      op.GetInputMemoryType(inputMemory);
      op.CreateKernelV2(create);
      op.KernelComputeV2(compute);
      op.KernelDestroy(destroy);
    }
  }

  /** The value of an attribute of a node. */
  static long attribute(OrtApi api, OrtKernelInfo info, String name, long otherwise) {
    try (LongPointer value = new LongPointer(1);
        BytePointer text = new BytePointer(name)) {
      OrtStatus status = api.KernelInfoGetAttribute_int64(info, text, value);
      if (status != null && !status.isNull()) {
        api.ReleaseStatus(status);
        return otherwise;
      }
      return value.get();
    }
  }
}
