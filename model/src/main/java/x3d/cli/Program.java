package x3d.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.util.Properties;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * A picocli command with the manners that all x3d programs share.
 *
 * <p>A failure is one line on standard error, {@code NAME: what was wrong}, and exit code 1; {@code --debug} adds the
 * stack trace. A wrong call is a line with what would be right and exit code 2.
 */
public final class Program {
  private static final String DEBUG = "--debug";

  private Program() {}

  /**
   * @param command an object annotated as a picocli command; subcommands may hang below it
   * @return a command line that can be executed, or tested with writers of its own
   */
  public static CommandLine of(Object command) {
    CommandLine line = new CommandLine(command);
    adopt(line);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setUseSimplifiedAtFiles(true); // @FILE: an argument a line, so that names may have spaces
    line.setExecutionExceptionHandler((failure, where, parsed) -> {
      if (asksForDebug(parsed)) {
        failure.printStackTrace(where.getErr());
      }
      where.getErr().println(name(where) + ": " + oneLine(failure));
      where.getErr().flush();
      return where.getCommandSpec().exitCodeOnExecutionException();
    });
    line.setParameterExceptionHandler(Program::explainWrongCall);
    return line;
  }

  private static void adopt(CommandLine line) {
    CommandSpec spec = line.getCommandSpec();
    spec.mixinStandardHelpOptions(true);
    spec.versionProvider(Version::lines);
    spec.addOption(OptionSpec.builder(DEBUG)
        .type(boolean.class)
        .description("Print the stack trace of a failure.")
        .build());
    line.getSubcommands().values().forEach(Program::adopt);
  }

  private static int explainWrongCall(ParameterException failure, String[] arguments) {
    CommandLine where = failure.getCommandLine();
    PrintWriter err = where.getErr();
    err.println(name(where) + ": " + failure.getMessage());
    UnmatchedArgumentException.printSuggestions(failure, err);
    err.println("Try '" + name(where) + " --help'.");
    err.flush();
    return where.getCommandSpec().exitCodeOnInvalidInput();
  }

  private static String name(CommandLine line) {
    return line.getCommandSpec().qualifiedName();
  }

  private static boolean asksForDebug(ParseResult parsed) {
    return parsed.asCommandLineList().stream()
        .anyMatch(line -> line.getParseResult().hasMatchedOption(DEBUG));
  }

  /**
   * What went wrong, in one line for a person. Wrappers are taken off; the file exceptions of the JDK, whose message is
   * only a path, get their words back.
   */
  public static String oneLine(Throwable failure) {
    Throwable cause = failure;
    while (isWrapper(cause) && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return said(cause).strip().replaceAll("\\s*\\R\\s*", "; ");
  }

  private static boolean isWrapper(Throwable failure) {
    return failure instanceof UncheckedIOException
        || failure instanceof ExecutionException
        || failure instanceof CompletionException;
  }

  private static String said(Throwable failure) {
    if (failure instanceof NoSuchFileException missing) {
      return "no such file: " + missing.getFile();
    }
    if (failure instanceof AccessDeniedException denied) {
      return "no permission: " + denied.getFile();
    }
    if (failure instanceof FileAlreadyExistsException existing) {
      return "exists already: " + existing.getFile();
    }
    String message = failure.getMessage();
    if (message == null || message.isBlank()) {
      return failure.getClass().getSimpleName() + " (" + DEBUG + " shows where)";
    }
    // The JDK's own runtime exceptions are bugs of ours, so their type is part of what happened.
    boolean bug =
        failure instanceof RuntimeException && failure.getClass().getName().startsWith("java.");
    return bug && !(failure instanceof IllegalArgumentException)
        ? failure.getClass().getSimpleName() + ": " + message + " (" + DEBUG + " shows where)"
        : message;
  }

  /** The version of x3d that runs, as Maven built it. */
  public static String version() {
    Properties facts = new Properties();
    try (InputStream in = Program.class.getResourceAsStream("version.properties")) {
      facts.load(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return facts.getProperty("version");
  }

  private static final class Version {
    static String[] lines() {
      return new String[] {
        "${COMMAND-FULL-NAME} " + version(),
        "Java " + System.getProperty("java.version") + ", " + System.getProperty("os.name") + " "
            + System.getProperty("os.arch")
      };
    }
  }
}
