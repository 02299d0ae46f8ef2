package x3d.cli;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import x3d.runtime.Device;
import x3d.runtime.OrtLibrary;
import x3d.runtime.Provider;
import x3d.runtime.ProviderOptions;
import x3d.runtime.RuntimeFailure;

/**
 * The options of every command that runs a network: on what. What no machine could do is a wrong call; what this one cannot is
 * a failure, with the reason and the remedy.
 */
public final class DeviceOptions {
  @Option(
      names = "--ep",
      defaultValue = "cpu",
      paramLabel = "PROVIDER",
      description = "What the network runs on: cpu, cuda or cann. Default: ${DEFAULT-VALUE}.")
  private String provider;

  @Option(
      names = "--devices",
      paramLabel = "N|I,J,...",
      description = "How many devices, or their numbers from 0 on; a single number with a comma"
          + " after it: '2,'. Default: 1, or in training the recipe's NUM_GPUS.")
  private String devices;

  @Option(
      names = "--ep-option",
      paramLabel = "KEY=VALUE",
      description = "An option of the provider, under ONNX Runtime's name for it. Repeatable.")
  private Map<String, String> settings = new LinkedHashMap<>();

  @Option(
      names = "--strict-ep",
      description = "Refuse a network of which the provider would leave nodes to the CPU.")
  private boolean strict;

  @Option(
      names = "--ort-home",
      paramLabel = "DIR",
      description = "Use the ONNX Runtime in this folder instead of the bundled one. Default: what "
          + OrtLibrary.HOME_VARIABLE + " names, or the bundled one.")
  private Path home;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  /** @throws ParameterException if there is no such provider */
  public Provider provider() {
    try {
      return Provider.of(provider);
    } catch (RuntimeFailure e) {
      throw wrong("--ep: " + e.getMessage());
    }
  }

  /**
   * Loads the ONNX Runtime that was asked for.
   *
   * @throws RuntimeFailure if it cannot be used
   */
  public void chooseOrt() {
    if (home != null) {
      OrtLibrary.use(home);
    }
  }

  /** Whether it was said which or how many. */
  public boolean chosen() {
    return devices != null;
  }

  /**
   * The devices of one of the processes that a host's are shared among: of a list each takes its part; of a number, or the usual
   * one, each takes as many, one after the other.
   *
   * @param threads CPU threads of the process
   * @param usual how many, unless that was said
   * @param localRank of the process among those on its host, from 0
   * @param localSize how many there are
   * @throws ParameterException if the options are wrong whatever the machine
   * @throws RuntimeFailure if one of the devices cannot be used here
   */
  public List<Device> ofRank(int threads, int usual, int localRank, int localSize) {
    int[] own = devices != null && devices.contains(",")
        ? part(indices(), localRank, localSize)
        : next(devices == null ? usual : indices().length, localRank);
    return devices(threads, own);
  }

  private int[] part(int[] listed, int localRank, int localSize) {
    if (listed.length % localSize != 0) {
      throw wrong("--devices " + devices + ": " + localSize
          + " processes of this host cannot share " + listed.length + " devices evenly");
    }
    return slice(listed, localRank, listed.length / localSize);
  }

  static int[] slice(int[] listed, int localRank, int each) {
    return Arrays.copyOfRange(listed, localRank * each, (localRank + 1) * each);
  }

  static int[] next(int each, int localRank) {
    return IntStream.range(localRank * each, (localRank + 1) * each).toArray();
  }

  /**
   * The devices that were asked for; on the CPU as many parts of its threads.
   *
   * @param threads CPU threads of all together on the CPU, and of each device beside it
   * @throws ParameterException if the options are wrong whatever the machine
   * @throws RuntimeFailure if one of the devices cannot be used here
   */
  public List<Device> devices(int threads) {
    return devices(threads, indices());
  }

  private List<Device> devices(int threads, int[] indices) {
    if (threads < 1) {
      throw wrong("--threads is " + threads + "; it must be 1 or more");
    }
    Provider chosen = provider();
    ProviderOptions options;
    try {
      options = chosen.options(settings, strict);
    } catch (IllegalArgumentException e) {
      throw wrong("--ep-option: " + e.getMessage());
    }
    boolean cpu = chosen == Provider.CPU;
    if (cpu && devices != null && devices.contains(",")) {
      throw wrong("--devices: the CPU has no numbers to choose from; say how many parts of it");
    }
    int each = cpu ? Math.max(1, threads / indices.length) : threads;
    chooseOrt();
    List<Device> all = Arrays.stream(indices)
        .mapToObj(i -> new Device(chosen, i, each, options))
        .toList();
    all.forEach(Device::require);
    return all;
  }

  /**
   * As {@link #devices(int)}, for commands that look at clips one by one, to which the CPU is one device whatever it has.
   *
   * @throws ParameterException also if the CPU is asked for more than once
   */
  public List<Device> forInference(int threads) {
    if (provider() == Provider.CPU && devices != null && indices().length > 1) {
      throw wrong("--devices: the CPU is one device here; --threads says how many of its cores");
    }
    return devices(threads);
  }

  private int[] indices() {
    if (devices == null) {
      return new int[] {0};
    }
    try {
      if (devices.contains(",")) {
        int[] listed =
            Arrays.stream(devices.split(",")).mapToInt(DeviceOptions::number).toArray();
        if (listed.length > 0 && Arrays.stream(listed).distinct().count() == listed.length) {
          return listed;
        }
      } else if (number(devices) > 0) {
        return IntStream.range(0, number(devices)).toArray();
      }
    } catch (NumberFormatException e) {
      // said below
    }
    throw wrong("--devices is '" + devices
        + "'; it must be how many (8) or different numbers from 0 on (0,2,5)");
  }

  private static int number(String text) {
    int number = Integer.parseInt(text.strip());
    if (number < 0 || number > 4096) {
      throw new NumberFormatException();
    }
    return number;
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
