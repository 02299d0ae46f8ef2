package x3d.runtime;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Whether a provider can be used here.
 *
 * @param devices those that can be used; empty exactly if there are problems
 * @param problems all that is in the way, in the order in which to deal with it
 */
public record Availability(Provider provider, List<DeviceInfo> devices, List<Problem> problems) {
  public Availability {
    devices = List.copyOf(devices);
    problems = List.copyOf(problems);
  }

  static Availability usable(Provider provider, List<DeviceInfo> devices) {
    return new Availability(provider, devices, List.of());
  }

  static Availability unusable(Provider provider, List<Problem> problems) {
    return new Availability(provider, List.of(), problems);
  }

  public boolean usable() {
    return problems.isEmpty();
  }

  /** @throws RuntimeFailure with every problem and its remedy, unless there is none */
  void require() {
    if (!usable()) {
      throw new RuntimeFailure("--ep " + provider.id() + " cannot be used here: "
          + problems.stream()
              .map(p -> p.reason() + " (" + p.remedy() + ")")
              .collect(Collectors.joining("; ")));
    }
  }
}
