package x3d.runtime;

import java.util.OptionalLong;

/**
 * A device that can be used.
 *
 * @param index number among those of its provider, from 0
 * @param memoryBytes of the whole device; empty where it is not known
 */
public record DeviceInfo(int index, String name, OptionalLong memoryBytes) {}
