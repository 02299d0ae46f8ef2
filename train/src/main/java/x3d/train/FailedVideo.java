package x3d.train;

/**
 * A video that could not be read.
 *
 * @param video its path
 * @param reason why not, in one line
 */
public record FailedVideo(String video, String reason) {}
