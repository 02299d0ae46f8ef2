/**
 * {@code x3d-tools plan}: what training on many devices would take, in memory, traffic and time, from the training graph, a profile
 * measured on one device and given bandwidths. The formulas are in {@code docs/scaling.md}.
 *
 * <p>Apart from the measuring of a profile all of it is arithmetic: it knows nothing of sessions or of collectives. Start reading at
 * {@link x3d.tools.plan.Planner}.
 */
package x3d.tools.plan;
