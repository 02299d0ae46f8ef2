/**
 * {@code x3d-tools bench}: the product's own work measured in warm rounds, beside the same work in PyTorch where a python is
 * given.
 *
 * <p>What is measured lives in the modules below; here are rounds, medians, memory and the report. Start reading at {@link
 * x3d.tools.bench.Measurement}.
 */
package x3d.tools.bench;
