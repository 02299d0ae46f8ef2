package x3d.train;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import x3d.weights.LoadReport;
import x3d.weights.PytorchCheckpoint;

/**
 * What became of every tensor of a file that a run started from, and of every tensor of its network.
 *
 * @param report of the weights over the network's layouts; nothing missing, and only the classifier mismatched
 * @param momenta tensors of momentum in the file
 * @param facts what else is known of the file, {@link PytorchCheckpoint}'s or a checkpoint's metadata
 */
record LoadSummary(LoadReport report, int momenta, Map<String, String> facts) {

  /** For the log: counts and, but for those loaded, names; and the same in {@link #sentences}. */
  Map<String, Object> fields() {
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put("loaded", report.loaded().size());
    fields.put("filled_in", report.filledIn());
    fields.put(
        "replaced", report.mismatched().stream().map(LoadReport.Mismatch::name).toList());
    fields.put("not_used", report.unexpected());
    fields.put("momenta", momenta);
    fields.put("no_weights", noWeights());
    fields.put("left_aside", leftAside());
    fields.put("report", sentences());
    return fields;
  }

  /** For people: first what was loaded, then what was not and why. */
  List<String> sentences() {
    List<String> sentences = new ArrayList<>();
    int network =
        report.loaded().size() + report.filledIn().size() + report.mismatched().size();
    sentences.add(
        "loaded " + report.loaded().size() + " of the " + network + " tensors of the network");
    if (!report.filledIn().isEmpty()) {
      sentences.add("stood in for " + report.filledIn().size()
          + " that the file lacks, so that its output stays the same: "
          + String.join(", ", report.filledIn()));
    }
    if (!report.mismatched().isEmpty()) {
      sentences.add("drawn afresh " + report.mismatched().size() + ", for other classes: "
          + String.join(
              ", ",
              report.mismatched().stream()
                  .map(m ->
                      m.name() + " is " + m.found() + " in the file, " + m.expected() + " here")
                  .toList()));
    }
    if (!report.unexpected().isEmpty()) {
      sentences.add("not used " + report.unexpected().size()
          + " of the file, for the network has none of their names: "
          + String.join(", ", report.unexpected()));
    }
    if (momenta > 0) {
      sentences.add("not used " + momenta + " tensors of momentum, for a new run begins without");
    }
    if (!noWeights().isEmpty()) {
      sentences.add("not used, for they are no weights: " + String.join(", ", noWeights()));
    }
    if (!leftAside().isEmpty()) {
      sentences.add("not used beside the weights: " + String.join(", ", leftAside())
          + "; the run begins at epoch 0");
    }
    return sentences;
  }

  private List<String> noWeights() {
    return PytorchCheckpoint.names(facts, PytorchCheckpoint.DROPPED);
  }

  /** The epoch the file was saved after, and the keys beside the weights. */
  private List<String> leftAside() {
    List<String> aside = new ArrayList<>();
    String epoch = facts.getOrDefault(PytorchCheckpoint.EPOCH, facts.get("epoch"));
    if (epoch != null) {
      aside.add("epoch " + epoch);
    }
    aside.addAll(PytorchCheckpoint.names(facts, PytorchCheckpoint.IGNORED));
    return aside;
  }
}
