package x3d.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.javacpp.SizeTPointer;
import org.bytedeco.onnxruntime.OrtApi;
import org.bytedeco.onnxruntime.OrtEpAssignedNode;
import org.bytedeco.onnxruntime.OrtEpAssignedSubgraph;
import org.bytedeco.onnxruntime.OrtSession;
import org.bytedeco.onnxruntime.OrtStatus;

/** Which provider computes which nodes of a session, as ONNX Runtime decided when it was opened. */
public record Assignment(List<Placed> nodes) {
  /** What a session's options must say for ONNX Runtime to remember it. */
  static final String RECORD = "session.record_ep_graph_assignment_info";

  private static final int NAMED = 5;

  /** A node with the provider that computes it, under ONNX Runtime's name. */
  public record Placed(String provider, String name, String operator) {}

  public Assignment {
    nodes = List.copyOf(nodes);
  }

  /**
   * Of a session that was opened with {@link #RECORD}. Lists come back as the address of the list's own pointer: the bindings
   * pass the address of that field for a {@code T* const**}.
   */
  static Assignment of(OrtApi api, OrtSession session) {
    List<Placed> placed = new ArrayList<>();
    try (PointerPointer<Pointer> word = new PointerPointer<>(1);
        SizeTPointer count = new SizeTPointer(1)) {
      PointerPointer<OrtEpAssignedSubgraph> parts = new PointerPointer<>((Pointer) null);
      Native.check(api, api.Session_GetEpGraphAssignmentInfo(session, parts, count));
      int size = (int) count.get();
      for (int i = 0; i < size; i++) {
        OrtEpAssignedSubgraph part = parts.get(OrtEpAssignedSubgraph.class, i);
        String provider = text(api, word, p -> api.EpAssignedSubgraph_GetEpName(part, p));
        PointerPointer<OrtEpAssignedNode> nodes = new PointerPointer<>((Pointer) null);
        Native.check(api, api.EpAssignedSubgraph_GetNodes(part, nodes, count));
        int of = (int) count.get();
        for (int n = 0; n < of; n++) {
          OrtEpAssignedNode node = nodes.get(OrtEpAssignedNode.class, n);
          placed.add(new Placed(
              provider,
              text(api, word, p -> api.EpAssignedNode_GetName(node, p)),
              text(api, word, p -> api.EpAssignedNode_GetOperatorType(node, p))));
        }
      }
    }
    return new Assignment(placed);
  }

  private interface Question {
    OrtStatus ask(PointerPointer<Pointer> answer);
  }

  private static String text(OrtApi api, PointerPointer<Pointer> out, Question question) {
    Native.check(api, question.ask(out));
    return new BytePointer(out.get(0)).getString();
  }

  /** The nodes that are left to others. */
  public List<Placed> besides(String ortName) {
    return nodes.stream().filter(n -> !n.provider().equals(ortName)).toList();
  }

  /** How many nodes others compute, of how many, of which operators and what the first are called; empty if there are none. */
  String summary(String ortName) {
    List<Placed> others = besides(ortName);
    if (others.isEmpty()) {
      return "";
    }
    Map<String, Long> operators = others.stream()
        .collect(Collectors.groupingBy(Placed::operator, TreeMap::new, Collectors.counting()));
    return others.size() + " of " + nodes.size() + " nodes ("
        + operators.entrySet().stream()
            .map(e -> e.getValue() + " " + e.getKey())
            .collect(Collectors.joining(", "))
        + "): "
        + others.stream().limit(NAMED).map(Placed::name).collect(Collectors.joining(", "))
        + (others.size() > NAMED ? ", ..." : "");
  }
}
