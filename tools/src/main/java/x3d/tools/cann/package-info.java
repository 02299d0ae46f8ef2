/**
 * {@code x3d-tools cann-profile}: what CANN's profiler measured on an Ascend NPU, ranked, and the shapes that belong into the
 * white lists of its operators. Needs neither a device nor CANN. Start at {@link x3d.tools.cann.CannProfileCommand}.
 */
package x3d.tools.cann;
