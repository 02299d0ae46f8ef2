package x3d.runtime;

/**
 * Why a provider cannot be used here.
 *
 * @param reason what is missing or does not fit, by name
 * @param remedy what would put it right
 */
public record Problem(String reason, String remedy) {}
