/**
 * The endpoints, each group with the routes that lead to it: classification, models, the Open Inference Protocol, and what those
 * who run the server ask for.
 *
 * <p>It must not know how connections are made. Start reading at {@link x3d.serve.api.ClassifyApi}.
 */
package x3d.serve.api;
