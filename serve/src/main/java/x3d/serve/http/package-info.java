/**
 * What all endpoints have in common: the connection, who may ask, how an error looks, what is logged, and the one list of
 * routes from which both the server and its OpenAPI document are made.
 *
 * <p>It must not know models and videos. Start reading at {@link x3d.serve.http.Route}.
 */
package x3d.serve.http;
