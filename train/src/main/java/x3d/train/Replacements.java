package x3d.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import x3d.collective.Collective;

/** The videos that gave way on all ranks, on their way to the log of one. Not for use by several threads. */
final class Replacements {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final Collective ranks;
  private final List<ClipLoader.Replacement> untold = new ArrayList<>();

  Replacements(Collective ranks) {
    this.ranks = ranks;
  }

  void add(ClipLoader.Replacement replacement) {
    untold.add(replacement);
  }

  /** Whether this rank has one to tell of. */
  boolean any() {
    return !untold.isEmpty();
  }

  /** Tells of those of all ranks since the last time, on every rank; every rank must call it. */
  void tell(Consumer<ClipLoader.Replacement> listener) {
    if (ranks.size() > 1) {
      ranks.allGather(bytes(untold)).forEach(of -> read(of).forEach(listener));
    } else {
      untold.forEach(listener);
    }
    untold.clear();
  }

  private static byte[] bytes(List<ClipLoader.Replacement> replacements) {
    try {
      return JSON.writeValueAsBytes(replacements);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<ClipLoader.Replacement> read(byte[] json) {
    try {
      return JSON.readValue(json, new TypeReference<List<ClipLoader.Replacement>>() {});
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
