/**
 * Model files served over HTTP: {@code x3d-serve}.
 *
 * <p>Its parts: {@code http} (connections, errors, routes), {@code admission} (who is let in), {@code upload} (videos on their
 * way in), {@code model} (the models by name), {@code api} (the endpoints), {@code page} (the pages), {@code ops} (figures). It must not know training. What
 * the requests and answers look like is in {@code docs/contract.md}. Start reading at {@link x3d.serve.Server}.
 */
package x3d.serve;
