package x3d.tools.plan;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Bytes that an update moves, by {@code docs/scaling.md}.
 *
 * @param host between the ranks of a host, all of them together
 * @param hostRounds waits of a rank for others of its host, one after the other
 * @param network out of a host
 * @param networkRounds waits of a rank for other hosts
 * @param toDevice from a host to each of its devices
 * @param fromDevice from each device to its host
 */
record Traffic(
    long host, int hostRounds, long network, int networkRounds, long toDevice, long fromDevice) {
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("withinHostBytes", host);
    fields.put("outOfHostBytes", network);
    fields.put("toDeviceBytes", toDevice);
    fields.put("fromDeviceBytes", fromDevice);
    return fields;
  }
}
