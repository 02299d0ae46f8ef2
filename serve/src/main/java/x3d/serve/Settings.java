package x3d.serve;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * What options are where the command line does not say: as the environment has them ({@code --max-upload} is
 * {@code X3D_SERVE_MAX_UPLOAD}), or else a file of {@code max-upload = 64} lines, which {@value #OPTION} or {@value #VARIABLE}
 * names.
 */
final class Settings implements CommandLine.IDefaultValueProvider {
  static final String OPTION = "--config";
  static final String VARIABLE = "X3D_SERVE_CONFIG";
  private static final String PREFIX = "X3D_SERVE_";

  private final Map<String, String> environment;
  private final Path file;
  private final Properties properties = new Properties();

  private Settings(Map<String, String> environment, Path file) {
    this.environment = environment;
    this.file = file;
  }

  /**
   * Lets a command line take what it does not say from elsewhere.
   *
   * @param arguments that it will be executed with
   * @throws CommandLine.ParameterException if the file cannot be read or has a key that is no option
   */
  static void apply(CommandLine line, Map<String, String> environment, String... arguments) {
    String named = environment.get(VARIABLE);
    for (int i = 0; i < arguments.length; i++) {
      if (arguments[i].startsWith(OPTION + "=")) {
        named = arguments[i].substring(OPTION.length() + 1);
      } else if (arguments[i].equals(OPTION) && i + 1 < arguments.length) {
        named = arguments[i + 1];
      }
    }
    Settings settings = new Settings(environment, named == null ? null : Path.of(named));
    settings.read(line);
    line.setDefaultValueProvider(settings);
  }

  private void read(CommandLine line) {
    if (file == null) {
      return;
    }
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (IOException | IllegalArgumentException e) {
      throw new CommandLine.ParameterException(line, OPTION + " " + file + " cannot be read: " + e);
    }
    Set<String> known = new TreeSet<>();
    for (OptionSpec option : line.getCommandSpec().options()) {
      known.add(key(option));
    }
    List<String> unknown = new ArrayList<>(properties.stringPropertyNames());
    unknown.removeAll(known);
    if (!unknown.isEmpty()) {
      throw new CommandLine.ParameterException(
          line, file + ": '" + unknown.get(0) + "' is no setting; there are " + known);
    }
  }

  private static String key(OptionSpec option) {
    return option.longestName().replaceFirst("^--", "");
  }

  @Override
  public String defaultValue(ArgSpec argument) {
    if (!(argument instanceof OptionSpec option)
        || option.usageHelp()
        || option.versionHelp()
        || option.longestName().equals(OPTION)) {
      return null;
    }
    String key = key(option);
    String variable = PREFIX + key.toUpperCase(Locale.ROOT).replace('-', '_');
    return environment.getOrDefault(variable, properties.getProperty(key));
  }
}
