package x3d.train;

/**
 * What a cache of decoded videos did.
 *
 * @param hits clips whose frames came from it
 * @param misses clips of videos that had to be decoded, whether they were stored then or not
 * @param bytes that its entries take now, those of other runs too
 */
public record CacheUse(long hits, long misses, long bytes) {
  /** What was done after {@code earlier}. */
  public CacheUse since(CacheUse earlier) {
    return new CacheUse(hits - earlier.hits, misses - earlier.misses, bytes);
  }
}
