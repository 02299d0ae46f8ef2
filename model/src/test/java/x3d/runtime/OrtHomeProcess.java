package x3d.runtime;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;

/** A process that doubles 21 with the ONNX Runtime of a folder, and says which one was loaded, or why not. */
final class OrtHomeProcess {
  private OrtHomeProcess() {}

  /** @param arguments the folder, or none where the environment names it */
  public static void main(String[] arguments) throws IOException {
    try {
      if (arguments.length > 0) {
        OrtLibrary.use(Path.of(arguments[0]));
      }
      Graph graph = new Graph("doubling");
      graph.output("y", Elementwise.scale(graph.input("x", ElementType.FLOAT, Shape.of(1)), 2));
      byte[] onnx = new OnnxFile(graph, Map.of()).toBytes();
      try (Session session = Session.open(onnx, Device.cpu(1));
          HostTensor x = HostTensor.floats(1);
          HostTensor y = HostTensor.floats(1)) {
        x.floats().put(0, 21);
        session.run(Map.of("x", x), Map.of("y", y));
        System.out.println("answer " + y.floats().get(0));
      }
      System.out.println(OrtLibrary.described());
      Files.readAllLines(Path.of("/proc/self/maps")).stream()
          .filter(line -> line.contains("/libonnxruntime"))
          .map(line -> line.substring(line.indexOf('/')))
          .distinct()
          .forEach(file -> System.out.println("mapped " + file));
      System.exit(0);
    } catch (RuntimeFailure e) {
      System.out.println("refused " + e.getMessage());
      System.exit(1);
    }
  }
}
