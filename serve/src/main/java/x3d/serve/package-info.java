/**
 * A model file served over HTTP: {@code POST /v1/classify} with a video, {@code GET /healthz}.
 *
 * <p>It must not know training. What the requests and answers look like is in {@code docs/contract.md}. Start reading at
 * {@link x3d.serve.Server}.
 */
package x3d.serve;
