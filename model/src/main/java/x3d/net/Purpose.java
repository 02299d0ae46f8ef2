package x3d.net;

/** What a graph is for: only a training graph is differentiated. */
enum Purpose {
  TRAINING,
  INFERENCE;

  /** What a spelling with ONNX Runtime's training operators is written in. */
  Vocabulary vocabulary() {
    return this == TRAINING ? Vocabulary.FUSED : Vocabulary.STANDARD;
  }
}
