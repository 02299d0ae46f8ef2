/**
 * The models of a server by name, each replaced when its file is.
 *
 * <p>It must not know HTTP but for how it refuses a name. Start reading at {@link x3d.serve.model.Models}.
 */
package x3d.serve.model;
