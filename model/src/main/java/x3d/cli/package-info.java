/**
 * How every x3d program meets its user on the command line: {@code --help}, {@code --version} and {@code --debug} on each
 * command, one line for an error, and the exit codes 0 (done), 1 (failed) and 2 (called wrongly).
 *
 * <p>It must not know what any command does; of what networks run on it knows the options only. Start reading at {@link x3d.cli.Program}.
 */
package x3d.cli;
