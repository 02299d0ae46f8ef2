package x3d.tools.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import x3d.runtime.ProcessMemory;

/**
 * What memory does while the same work is done many times, after a warm-up. Work that leaks grows; what was warm stays flat.
 *
 * @param samples taken at the start, the quarters and the end
 * @param bound growth from the first sample to the last that passes, in bytes; for the heap and for resident memory each
 */
record Soak(List<Sample> samples, long bound) {
  private static final int PARTS = 4;

  Soak {
    samples = List.copyOf(samples);
  }

  /**
   * Memory at one moment.
   *
   * @param done how often the work was done until then
   * @param heapBytes on the Java heap after a collection
   * @param residentBytes of the whole process, native memory included, where that is known
   */
  record Sample(long done, long heapBytes, OptionalLong residentBytes) {
    static Sample now(long done) {
      return new Sample(
          done, ProcessMemory.heapBytesAfterCollection(), ProcessMemory.residentBytes());
    }

    Map<String, Object> fields() {
      Map<String, Object> fields = new LinkedHashMap<>();
      fields.put("done", done);
      fields.put("heapBytes", heapBytes);
      fields.put("residentBytes", residentBytes.isPresent() ? residentBytes.getAsLong() : null);
      return fields;
    }
  }

  /** Does warm work {@code count} times. */
  static Soak of(long count, long bound, Contender.Work work)
      throws IOException, InterruptedException {
    List<Sample> samples = new ArrayList<>(List.of(Sample.now(0)));
    long done = 0;
    for (int part = 1; part <= PARTS; part++) {
      for (; done < count * part / PARTS; done++) {
        work.run();
      }
      samples.add(Sample.now(done));
    }
    return new Soak(samples, bound);
  }

  private Sample first() {
    return samples.get(0);
  }

  private Sample last() {
    return samples.get(samples.size() - 1);
  }

  long heapGrowth() {
    return last().heapBytes - first().heapBytes;
  }

  OptionalLong residentGrowth() {
    return last().residentBytes.isPresent() && first().residentBytes.isPresent()
        ? OptionalLong.of(
            last().residentBytes.getAsLong() - first().residentBytes.getAsLong())
        : OptionalLong.empty();
  }

  /** Whether both stayed within the bound. */
  boolean flat() {
    return heapGrowth() <= bound && residentGrowth().orElse(0) <= bound;
  }

  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("samples", samples.stream().map(Sample::fields).toList());
    fields.put("heapGrowthBytes", heapGrowth());
    fields.put(
        "residentGrowthBytes", residentGrowth().isPresent() ? residentGrowth().getAsLong() : null);
    fields.put("boundBytes", bound);
    fields.put("flat", flat());
    return fields;
  }
}
