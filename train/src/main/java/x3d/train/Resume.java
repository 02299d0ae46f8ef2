package x3d.train;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a run starts from.
 *
 * @param mode which checkpoint, if any
 * @param file the checkpoint, for {@link Mode#FILE}
 */
public record Resume(Mode mode, Optional<Path> file) {
  /** Which checkpoint a run goes on from. */
  public enum Mode {
    /** The newest whole one of the output folder, if there is one and {@code TRAIN.AUTO_RESUME} is True. */
    RECIPE,
    /** The newest whole one of the output folder, if there is one. */
    AUTO,
    /** None; what an earlier run left in the output folder is moved aside. */
    NEVER,
    /** A certain one. */
    FILE
  }

  /** As {@code TRAIN.AUTO_RESUME} has it. */
  public static final Resume RECIPE = new Resume(Mode.RECIPE, Optional.empty());

  /** Reads {@code auto}, {@code never} or a file's name. */
  public static Resume of(String text) {
    return switch (text) {
      case "auto" -> new Resume(Mode.AUTO, Optional.empty());
      case "never" -> new Resume(Mode.NEVER, Optional.empty());
      default -> new Resume(Mode.FILE, Optional.of(Path.of(text)));
    };
  }
}
