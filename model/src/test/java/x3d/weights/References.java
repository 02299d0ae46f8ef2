package x3d.weights;

import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Objects;

/** Reference vectors that travel with the tests. */
final class References {
  private References() {}

  static Path path(String name) {
    try {
      return Path.of(Objects.requireNonNull(
              References.class.getResource("/reference/" + name),
              () -> "no test resource reference/" + name)
          .toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Weights tiny() {
    return Safetensors.read(path("tiny/weights.safetensors")).weights();
  }
}
