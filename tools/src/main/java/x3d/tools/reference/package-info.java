/**
 * What x3d's commands say of themselves, for readers, man and shells: all of it comes from picocli's model of the options, so it
 * cannot be out of date. It knows nothing of what commands do. Start at {@link x3d.tools.reference.ReferenceCommand}.
 */
package x3d.tools.reference;
