package x3d.tools.plan;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Where the time of an update goes, in seconds.
 *
 * @param compute forward and backward of a device's clips
 * @param copies between device and host
 * @param host sums and exchange within a host
 * @param network exchange between hosts
 * @param optimizer update of a rank's share
 * @param data waiting for clips
 */
record StepTime(
    double compute, double copies, double host, double network, double optimizer, double data) {
  StepTime waiting(double seconds) {
    return new StepTime(compute, copies, host, network, optimizer, seconds);
  }

  double total() {
    return compute + copies + host + network + optimizer + data;
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("compute", compute);
    fields.put("deviceCopies", copies);
    fields.put("withinHost", host);
    fields.put("betweenHosts", network);
    fields.put("optimizer", optimizer);
    fields.put("dataWait", data);
    fields.put("total", total());
    return fields;
  }
}
