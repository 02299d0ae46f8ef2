/**
 * Videos on their way in: received within limits, into a temporary area that is bounded and never left behind.
 *
 * <p>It must not know models. Start reading at {@link x3d.serve.upload.Receiver}.
 */
package x3d.serve.upload;
