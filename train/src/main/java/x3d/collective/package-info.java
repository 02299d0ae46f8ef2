/**
 * Processes that train or evaluate together: who they are, and the exchange of vectors between them. Start reading at
 * {@link x3d.collective.Collective}. Knows nothing of networks, recipes and videos; the only package that touches MPI.
 */
package x3d.collective;
