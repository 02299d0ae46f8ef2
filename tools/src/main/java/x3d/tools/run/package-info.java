/**
 * Runs of {@code x3d-train} to look at, while they go on and afterwards: their files are all that is known of them. Knows nothing of
 * how they train. Start at {@link x3d.tools.run.RunLogReader}, which reads, and {@link x3d.tools.run.RunFacts}, which sums up.
 */
package x3d.tools.run;
