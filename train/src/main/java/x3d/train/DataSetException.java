package x3d.train;

import java.util.List;

/** Data that cannot be trained on; the message names file and line of each fault, in one line. */
public final class DataSetException extends RuntimeException {
  private static final int SHOWN = 10;

  DataSetException(String problem) {
    super(problem);
  }

  static DataSetException of(List<String> problems, int count) {
    String shown = String.join("; ", problems.subList(0, Math.min(SHOWN, problems.size())));
    return new DataSetException(
        count > SHOWN ? shown + "; and " + (count - SHOWN) + " more bad lines" : shown);
  }
}
