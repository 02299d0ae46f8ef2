package x3d.classify;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program in docs/embedding.md, compiled and run. */
class EmbeddingTest {
  @TempDir
  private Path folder;

  @Test
  void theProgramInTheDocsNamesVideos() throws Exception {
    Matcher block = Pattern.compile("```java\\n(.*?)```", Pattern.DOTALL)
        .matcher(Files.readString(Path.of("../docs/embedding.md")));
    assertTrue(block.find());
    Path source = Files.writeString(folder.resolve("NameVideos.java"), block.group(1));
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    assertEquals(
        0,
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                said,
                said,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString()),
        () -> said.toString(UTF_8));
    Path model = SmallModel.writeTo(folder);
    Path video = SmallModel.video("part_0.mp4", folder);
    PrintStream usual = System.out;
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()});
        PrintStream heard = new PrintStream(said, true, UTF_8)) {
      System.setOut(heard);
      loader.loadClass("NameVideos").getMethod("main", String[].class).invoke(null, (Object)
          new String[] {model.toString(), video.toString()});
    } finally {
      System.setOut(usual);
    }
    String line = said.toString(UTF_8).strip();
    assertTrue(line.startsWith(video + ": "), line);
    assertTrue(SmallModel.CLASS_NAMES.contains(line.substring((video + ": ").length())), line);
  }
}
