/**
 * The arithmetic of our own operators on arrays, as SIMD code (the JDK's Vector API). Knows nothing of
 * graphs and of runtimes. Start reading at {@link x3d.kernel.Lanes}.
 */
package x3d.kernel;
