/**
 * The commands of {@code x3d-tools}, one class a command: each reads its options, calls the packages that do the work and
 * says what came of it.
 *
 * <p>Computation, training and serving themselves belong to the modules below. Start reading at {@link
 * x3d.tools.ToolsCommand}.
 */
package x3d.tools;
