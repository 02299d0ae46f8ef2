/**
 * What a server tells those who run it: counters, gauges and histograms, in the form that Prometheus reads.
 *
 * <p>It must not know what it counts. Start reading at {@link x3d.serve.ops.Metrics}.
 */
package x3d.serve.ops;
