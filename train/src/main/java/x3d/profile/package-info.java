/**
 * Where the time of steps goes: a trace that joins what ONNX Runtime noted of the nodes with what the caller's thread did, and
 * the tables that follow from it. Start reading at {@link x3d.profile.Profiler}, which makes traces, and {@link
 * x3d.profile.Profile}, which reads them. Knows the names that {@code x3d.net} gives its nodes, but no networks, recipes or
 * videos.
 */
package x3d.profile;
