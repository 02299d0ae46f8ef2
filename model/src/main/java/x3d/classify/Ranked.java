package x3d.classify;

/**
 * One class with its probability.
 *
 * @param label the class's number, from 0
 * @param name the class's name; its number where the model holds no names
 */
public record Ranked(int label, String name, float probability) {}
