package x3d.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.graph.GraphException;
import x3d.graph.OnnxFile;
import x3d.net.ModelMetadata;
import x3d.weights.PytorchCheckpoint;
import x3d.weights.Safetensors;
import x3d.weights.WeightTensor;
import x3d.weights.Weights;

/** Says what a file holds. */
@Command(
    name = "inspect",
    description =
        "Say what a model file (.onnx), weights (.safetensors) or checkpoint (.pyth, .pt) holds.",
    sortOptions = false)
final class InspectCommand implements Callable<Integer> {
  private enum Kind {
    ONNX,
    SAFETENSORS,
    PYTORCH;

    /** By content: zip and pickle are PyTorch's, a safetensors file has its JSON after 8 bytes. */
    static Kind of(Path file) throws IOException {
      byte[] start;
      try (InputStream in = Files.newInputStream(file)) {
        start = in.readNBytes(9);
      }
      if (start.length > 1 && (start[0] == 'P' && start[1] == 'K' || start[0] == (byte) 0x80)) {
        return PYTORCH;
      }
      return start.length == 9 && start[8] == '{' ? SAFETENSORS : ONNX;
    }
  }

  @Parameters(paramLabel = "FILE", description = "The file to look at.")
  private Path file;

  @Option(names = "--json", description = "One JSON object.")
  private boolean json;

  @Option(names = "--tensors", description = "Name every tensor of weights and its shape.")
  private boolean tensors;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    Kind kind = Kind.of(file);
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("file", file.toString());
    facts.put("kind", kind.name().toLowerCase(Locale.ROOT));
    switch (kind) {
      case ONNX -> model(facts);
      case SAFETENSORS -> weights(Safetensors.read(file).weights(), facts);
      case PYTORCH -> weights(PytorchCheckpoint.read(file), facts);
    }
    print(facts);
    return 0;
  }

  private void model(Map<String, Object> facts) throws IOException {
    OnnxFile model = read();
    facts.put("metadata", new TreeMap<>(model.metadata()));
    Map<String, String> inputs = new LinkedHashMap<>();
    model.graph().inputs().forEach(t -> inputs.put(t.name(), t.type() + " " + t.shape()));
    facts.put("inputs", inputs);
    Map<String, String> outputs = new LinkedHashMap<>();
    model.graph().outputs().forEach((t, name) -> outputs.put(name, t.type() + " " + t.shape()));
    facts.put("outputs", outputs);
    GraphFacts size = GraphFacts.of(model.graph(), oneClip(model.metadata()));
    facts.put("operators", size.operators());
    // Exports have batch normalisation folded into fewer numbers; the network's own count is in the
    // metadata.
    String network = model.metadata().get("x3d.provenance.parameters");
    facts.put("parameters", network == null ? size.numbers() : Long.parseLong(network));
    facts.put("numbers", size.numbers());
    facts.put("macs", size.macs());
  }

  private OnnxFile read() throws IOException {
    try {
      return OnnxFile.fromBytes(Files.readAllBytes(file));
    } catch (GraphException e) {
      throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
    }
  }

  /** The free dimensions at one clip of the size trained with. */
  private static Map<String, Long> oneClip(Map<String, String> metadata) {
    if (!metadata.containsKey("x3d.crop")) {
      return Map.of("batch", 1L);
    }
    long crop = ModelMetadata.fromMap(metadata).crop();
    return Map.of("batch", 1L, "height", crop, "width", crop);
  }

  private void weights(Weights weights, Map<String, Object> facts) {
    facts.put("metadata", weights.metadata());
    facts.put("tensors", weights.tensors().size());
    facts.put(
        "parameters",
        weights.tensors().entrySet().stream()
            .filter(entry -> !entry.getKey().contains("running_"))
            .mapToLong(entry -> entry.getValue().size())
            .sum());
    if (tensors) {
      Map<String, int[]> shapes = new LinkedHashMap<>();
      weights
          .tensors()
          .forEach((String name, WeightTensor tensor) -> shapes.put(name, tensor.shape()));
      facts.put("shapes", shapes);
    }
  }

  private void print(Map<String, Object> facts) {
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.line(facts));
    } else {
      facts.forEach((name, value) -> {
        if (value instanceof Map<?, ?> map) {
          out.println(name);
          map.forEach((key, one) -> out.println("  " + key + "  " + shown(one)));
        } else {
          out.println(name + "  " + shown(value));
        }
      });
    }
    out.flush();
  }

  private static String shown(Object value) {
    String text = value instanceof int[] shape ? Arrays.toString(shape) : String.valueOf(value);
    return text.length() > 200 ? text.substring(0, 200) + "..." : text;
  }
}
