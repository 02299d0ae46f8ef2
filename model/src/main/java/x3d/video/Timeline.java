package x3d.video;

import java.util.Arrays;

/**
 * The packets of a video track by time: frame {@code i} is the one with the {@code i}-th presentation time. It exists
 * only where times can be trusted, so that a frame is found without decoding all before it.
 */
final class Timeline {
  /** Presentation times of the shown frames, ascending, in units of the track. */
  private final long[] times;
  /** For each shown frame, the packet it is in. */
  private final int[] packets;
  /** Packets that decoding can begin at, ascending. */
  private final int[] keys;

  private final long[] keyTimes;
  private final long[] keySeekTimes;
  private final int packetCount;

  private Timeline(
      long[] times,
      int[] packets,
      int[] keys,
      long[] keyTimes,
      long[] keySeekTimes,
      int packetCount) {
    this.times = times;
    this.packets = packets;
    this.keys = keys;
    this.keyTimes = keyTimes;
    this.keySeekTimes = keySeekTimes;
    this.packetCount = packetCount;
  }

  /**
   * The timeline of scanned packets, or null where their times say nothing: one is missing or occurs twice, or the
   * track does not begin with a key frame.
   */
  static Timeline of(PacketScan scan) {
    int shown = scan.shown();
    if (shown == 0 || !scan.key(0)) {
      return null;
    }
    long[] times = new long[shown];
    int[] keys = new int[scan.count()];
    int keyCount = 0;
    for (int i = 0, at = 0; i < scan.count(); i++) {
      if (!scan.timed(i)) {
        return null;
      }
      if (!scan.discarded(i)) {
        times[at++] = scan.presentation(i);
      }
      if (scan.key(i)) {
        keys[keyCount++] = i;
      }
    }
    Arrays.sort(times);
    for (int i = 1; i < shown; i++) {
      if (times[i] == times[i - 1]) {
        return null;
      }
    }
    int[] packets = new int[shown];
    for (int i = 0; i < scan.count(); i++) {
      if (!scan.discarded(i)) {
        packets[Arrays.binarySearch(times, scan.presentation(i))] = i;
      }
    }
    keys = Arrays.copyOf(keys, keyCount);
    return new Timeline(
        times,
        packets,
        keys,
        Arrays.stream(keys).mapToLong(scan::presentation).toArray(),
        Arrays.stream(keys).mapToLong(scan::seekTime).toArray(),
        scan.count());
  }

  /** How many frames the track shows. */
  int frames() {
    return times.length;
  }

  /** When each frame is shown, in units of the track, rising. */
  long[] times() {
    return times.clone();
  }

  /** The longest way from one key packet to the next, or from the last one to the end, in packets. */
  int longestGroup() {
    int longest = 0;
    for (int key = 0; key < keys.length; key++) {
      int next = key + 1 < keys.length ? keys[key + 1] : packetCount;
      longest = Math.max(longest, next - keys[key]);
    }
    return longest;
  }

  /** The frame shown at this time, or -1 if there is none. */
  int frameAt(long time) {
    int found = Arrays.binarySearch(times, time);
    return found < 0 ? -1 : found;
  }

  /**
   * Which key frame decoding must begin at to show {@code frame}: the last one before it both in the file and on the
   * screen. (Pictures between a key frame and an earlier time lean on the group before: an open group.)
   */
  int keyBefore(int frame) {
    int key = keys.length - 1;
    while (key > 0 && (keys[key] > packets[frame] || keyTimes[key] > times[frame])) {
      key--;
    }
    return key;
  }

  /** The packet that a frame is in. */
  int packetWith(int frame) {
    return packets[frame];
  }

  /** The packet of a key frame. */
  int packetOf(int key) {
    return keys[key];
  }

  /** When a key frame is shown, in units of the track. */
  long timeOf(int key) {
    return keyTimes[key];
  }

  /** Where to send the demuxer to arrive at a key frame, in units of the track. */
  long seekTimeOf(int key) {
    return keySeekTimes[key];
  }
}
