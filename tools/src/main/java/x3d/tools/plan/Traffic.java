package x3d.tools.plan;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bytes that an update moves, by {@code docs/scaling.md}.
 *
 * @param host between the ranks of a host, all of them together
 * @param hostMessages one after the other, that a rank sends within its host
 * @param network out of a host
 * @param networkMessages one after the other, that a rank sends to other hosts
 * @param toDevice from a host to each of its devices
 * @param fromDevice from each device to its host
 */
record Traffic(
    long host,
    int hostMessages,
    long network,
    int networkMessages,
    long toDevice,
    long fromDevice) {
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("withinHostBytes", host);
    fields.put("outOfHostBytes", network);
    fields.put("toDeviceBytes", toDevice);
    fields.put("fromDeviceBytes", fromDevice);
    return fields;
  }
}
