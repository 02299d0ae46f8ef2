package x3d.runtime;

/**
 * What a session runs on.
 *
 * @param index number of the device among those of its provider, from 0
 * @param threads of one operator on the CPU, 1 or more
 * @param options of its provider
 */
public record Device(Provider provider, int index, int threads, ProviderOptions options) {
  public Device {
    if (index < 0 || threads < 1) {
      throw new RuntimeFailure("a device has an index of 0 or more and 1 thread or more; got "
          + index + " and " + threads);
    }
  }

  /** With the options that x3d chooses itself. */
  public Device(Provider provider, int index, int threads) {
    this(provider, index, threads, ProviderOptions.NONE);
  }

  public static Device cpu(int threads) {
    return new Device(Provider.CPU, 0, threads);
  }

  /** The same with another number of threads. */
  public Device withThreads(int count) {
    return new Device(provider, index, count, options);
  }

  /** @throws RuntimeFailure if it cannot be used here, with the reason and the remedy */
  public void require() {
    Availability here = provider.availability();
    here.require();
    if (provider != Provider.CPU && here.devices().stream().noneMatch(d -> d.index() == index)) {
      throw new RuntimeFailure("there is no " + provider.id() + " device " + index + ": "
          + here.devices().size() + " can be used, numbered from 0");
    }
  }
}
