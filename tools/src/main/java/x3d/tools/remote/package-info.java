/**
 * Videos of this machine shown to a server: several at a time, and into a file that grows by a line an answer, so that a run which
 * was killed goes on where it was.
 *
 * <p>It must not know the server's own classes but {@code x3d.serve.client}. Start reading at {@link
 * x3d.tools.remote.RemoteClassify}.
 */
package x3d.tools.remote;
