package x3d.train;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What came of a run.
 *
 * @param model the model file; empty if the run was stopped before its end, or only measured its throughput
 * @param checkpoint the last checkpoint; null if there is none
 * @param steps updates made, those before a resume included
 * @param top1Error percentage of validation videos whose label did not score highest; NaN if none were
 * @param top5Error percentage whose label was not among the five highest
 * @param failed the videos that could not be read
 */
public record TrainResult(
    Optional<Path> model,
    Path checkpoint,
    long steps,
    double top1Error,
    double top5Error,
    List<FailedVideo> failed) {}
