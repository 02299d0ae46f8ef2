/**
 * Numbers that Java has no type for. Knows nothing of tensors, files or graphs. Start reading at {@link
 * x3d.number.Float16}.
 */
package x3d.number;
