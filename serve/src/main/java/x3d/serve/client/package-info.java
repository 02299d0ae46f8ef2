/**
 * Asks a server what videos show, from any program on the JVM.
 *
 * <p>It must not know the server's own classes: what both agree on is HTTP as {@code docs/contract.md} has it. Start reading at
 * {@link x3d.serve.client.ClassifyClient}.
 */
package x3d.serve.client;
