package x3d.runtime;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import org.bytedeco.onnxruntime.SessionOptions;
import x3d.kernel.Operator;

/** The execution providers that sessions can run on; a further one is a constant with its own {@link #configure}. */
public enum Provider {
  CPU {
    @Override
    void configure(SessionOptions options, Device device) {
      options.SetIntraOpNumThreads(device.threads());
      options.SetInterOpNumThreads(1);
      options.AddConfigEntry("session.intra_op.allow_spinning", "0");
      options.AddConfigEntry("session.use_env_allocators", "1");
      // A plan for all tensors at once would come on top of what the first run has taken.
      options.DisableMemPattern();
    }

    @Override
    public boolean hasKernels() {
      return Operator.available();
    }
  };

  /** Sets up a session for {@code device}, which is of this provider. */
  abstract void configure(SessionOptions options, Device device);

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
    String known = Arrays.stream(values())
        .map(p -> p.name().toLowerCase(Locale.ROOT))
        .collect(Collectors.joining(", "));
    throw new RuntimeFailure(
        "execution provider '" + name + "' is not in this build; it has: " + known);
  }
}
