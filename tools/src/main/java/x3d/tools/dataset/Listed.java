package x3d.tools.dataset;

/** A video that goes on its split's list, and its class. */
record Listed(TreeVideo video, String className) {}
