package x3d.tools.plan;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bytes that training holds.
 *
 * @param apart whether devices have memory of their own; else a host holds all
 */
record Memory(Device device, Host host, boolean apart) {
  /**
   * On a device.
   *
   * @param clips of one step
   * @param others labels, dropout, logits, statistics
   * @param activations the most computed tensors alive at once
   * @param allocator what the runtime's allocator holds beyond them
   */
  record Device(
      long parameters, long gradients, long clips, long others, long activations, long allocator) {
    long total() {
      return parameters + gradients + clips + others + activations + allocator;
    }

    Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("parameters", parameters);
      fields.put("gradients", gradients);
      fields.put("clips", clips);
      fields.put("others", others);
      fields.put("activations", activations);
      fields.put("allocator", allocator);
      fields.put("total", total());
      return fields;
    }
  }

  /**
   * On a host, over its ranks.
   *
   * @param parameters of the optimizer and as the devices read them
   * @param gradient the ranks' slices of the sum
   * @param momentum the ranks' slices
   * @param clips batches that are read or in use
   * @param replicas of each device its gradients and small results; and its activations, where the host is the device
   * @param processes the JVMs and their libraries
   */
  record Host(
      long parameters, long gradient, long momentum, long clips, long replicas, long processes) {
    long total() {
      return parameters + gradient + momentum + clips + replicas + processes;
    }

    Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("parameters", parameters);
      fields.put("gradient", gradient);
      fields.put("momentum", momentum);
      fields.put("clips", clips);
      fields.put("replicas", replicas);
      fields.put("processes", processes);
      fields.put("total", total());
      return fields;
    }
  }

  /** What a limit of memory is held against: a device's, or where it has none of its own the host's. */
  long limited() {
    return apart ? device.total() : host.total();
  }
}
