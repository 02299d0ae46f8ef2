/**
 * HTML pages that need nothing beside them: one file, no other host, light and dark, on a phone's width too. It knows nothing of
 * what it shows. Start at {@link x3d.tools.page.Page}; content is j2html's, text in it is escaped there.
 */
package x3d.tools.page;
