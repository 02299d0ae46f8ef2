package x3d.serve.client;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * One of the models that a server has.
 *
 * @param version 1, and one more with each replacement of its file while the server runs
 * @param views clips of a video that it looks at unless told otherwise
 * @param crops squares of each clip, likewise
 * @param classes how many it tells apart
 */
@JsonIgnoreProperties(ignoreUnknown = true)
public record ServedModel(String name, long version, int views, int crops, int classes) {}
