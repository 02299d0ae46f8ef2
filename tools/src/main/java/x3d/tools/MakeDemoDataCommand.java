package x3d.tools;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes videos to train on. */
@Command(
    name = "make-demo-data",
    description = "Make a data set of small videos whose classes only motion tells apart.",
    sortOptions = false)
final class MakeDemoDataCommand implements Callable<Integer> {
  @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder to fill.")
  private Path folder;

  @Option(
      names = "--train",
      defaultValue = "40",
      paramLabel = "N",
      description = "Videos of each class to learn from. Default: ${DEFAULT-VALUE}.")
  private int train;

  @Option(
      names = "--val",
      defaultValue = "10",
      paramLabel = "N",
      description = "Videos of each class to hold out. Default: ${DEFAULT-VALUE}.")
  private int val;

  @Option(
      names = "--seed",
      defaultValue = "1",
      paramLabel = "N",
      description = "Default: ${DEFAULT-VALUE}.")
  private long seed;

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    DemoData data = new DemoData(train, val, seed);
    data.write(folder, done -> {});
    spec.commandLine()
        .getOut()
        .println("wrote " + data.videos() + " videos of " + Motion.values().length + " classes to "
            + folder);
    spec.commandLine().getOut().flush();
    return 0;
  }
}
