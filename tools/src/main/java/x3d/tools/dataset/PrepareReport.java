package x3d.tools.dataset;

import java.util.List;

/**
 * What {@code prepare.json} says. It is the same whether the videos were prepared in one run or in several.
 *
 * @param version of x3d that prepared
 * @param shortSide pixels of the shorter side at most
 * @param gop frames from one key frame to the next at most
 * @param quality the quantizer
 * @param lists that were prepared
 * @param videos how many different ones are on the lists
 * @param encoded how many of them were encoded again
 * @param linked how many needed nothing, and are the originals
 * @param bytesBefore of the originals, but for those that failed
 * @param bytesAfter of the prepared ones
 * @param failed originals that cannot be used, which the new lists leave out
 */
record PrepareReport(
    String version,
    int shortSide,
    int gop,
    int quality,
    List<PreparedList> lists,
    int videos,
    int encoded,
    int linked,
    long bytesBefore,
    long bytesAfter,
    List<Failed> failed) {
  /**
   * A list.
   *
   * @param file as it was given
   * @param lines it has
   * @param prepared lines of the new list
   */
  record PreparedList(String file, int lines, int prepared) {}

  /**
   * A video that was left out.
   *
   * @param reason in words, beginning with the file's name
   */
  record Failed(String video, String reason) {}
}
