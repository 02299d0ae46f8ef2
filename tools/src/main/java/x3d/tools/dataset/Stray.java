package x3d.tools.dataset;

/** Something in a data set's folders that is on no list, and why. */
record Stray(String path, String reason) {}
