/**
 * Who is let in, who waits and for how long: a bounded number of requests, of which a few are worked on at a time.
 *
 * <p>It must not know what the work is. Start reading at {@link x3d.serve.admission.Admission}.
 */
package x3d.serve.admission;
