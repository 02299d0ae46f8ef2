/**
 * The table of finished runs that the seed project's users know: device, FPS, top-1 of 10 views, batch, epochs, precision. It
 * reads what runs and evaluations left behind, and knows nothing of how they work. Start at {@link
 * x3d.tools.results.ResultsCommand}.
 */
package x3d.tools.results;
