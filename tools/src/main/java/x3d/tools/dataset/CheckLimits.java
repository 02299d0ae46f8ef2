package x3d.tools.dataset;

/**
 * How videos are checked.
 *
 * @param fast whether only samples are decoded
 * @param seconds that decoding one may take
 */
record CheckLimits(boolean fast, int seconds) {}
