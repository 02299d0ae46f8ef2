package x3d.runtime;

/**
 * What a session runs on.
 *
 * @param index number of the device among those of its provider, from 0
 * @param threads of one operator on the CPU, 1 or more
 */
public record Device(Provider provider, int index, int threads) {
  public Device {
    if (index < 0 || threads < 1) {
      throw new RuntimeFailure("a device has an index of 0 or more and 1 thread or more; got "
          + index + " and " + threads);
    }
  }

  public static Device cpu(int threads) {
    return new Device(Provider.CPU, 0, threads);
  }
}
