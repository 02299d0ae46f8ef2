package x3d.net;

/** What a graph is for: only a training graph is differentiated. */
enum Purpose {
  TRAINING,
  INFERENCE
}
