/**
 * What people see of the server in a browser: a page that classifies a video, and one to try the API. Both are made of files beside
 * this package's classes, without a framework, and ask the same endpoints as all clients.
 *
 * <p>It must not know models and videos. Start reading at {@link x3d.serve.page.PageRoutes}, then {@code app.js}.
 */
package x3d.serve.page;
