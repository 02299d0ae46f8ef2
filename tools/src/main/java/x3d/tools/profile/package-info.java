/**
 * {@code x3d-tools profile}: where the time of a step goes, as tables, JSON and a page. The traces and what follows from them are
 * {@code x3d.profile}'s. Start at {@link x3d.tools.profile.ProfileCommand}.
 */
package x3d.tools.profile;
