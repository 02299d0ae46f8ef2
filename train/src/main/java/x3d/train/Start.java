package x3d.train;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import x3d.net.TrainingStep;

/**
 * Where a run begins: at a checkpoint, at weights of another training, or at random.
 *
 * @param checkpoint the state to begin with; null on a rank that gets it from another
 * @param file where it was read from, if it was
 * @param notes what the log must say of it
 */
record Start(Checkpoint checkpoint, Optional<Path> file, Notes notes) {

  /** Lines for a log that is not open yet. */
  static final class Notes {
    private record Note(String type, Map<String, Object> fields) {}

    private final List<Note> notes = new ArrayList<>();

    void add(String type, Map<String, Object> fields) {
      notes.add(new Note(type, fields));
    }

    /** Where the lines go. */
    interface Sink {
      void line(String type, Map<String, ?> fields);
    }

    void forEach(Sink sink) {
      notes.forEach(note -> sink.line(note.type, note.fields));
    }
  }

  /** Where another rank says. */
  static Start elsewhere() {
    return new Start(null, Optional.empty(), new Notes());
  }

  static Start of(RunPlan plan, Resume resume, RunFolder folder) {
    Notes notes = new Notes();
    Checkpoints checkpoints = folder.checkpoints(plan.step());
    Optional<Checkpoints.Stored> stored = switch (resume.mode()) {
      case FILE -> Optional.of(checkpoints.read(resume.file().orElseThrow()));
      case NEVER -> Optional.empty();
      case AUTO -> newest(checkpoints, notes);
      case RECIPE ->
        plan.recipe().flag("TRAIN.AUTO_RESUME") ? newest(checkpoints, notes) : Optional.empty();
    };
    return stored.isPresent()
        ? at(stored.get(), plan, folder, checkpoints, notes)
        : anew(plan.recipe(), folder, plan.step(), notes);
  }

  private static Optional<Checkpoints.Stored> newest(Checkpoints checkpoints, Notes notes) {
    return checkpoints.newest(reason -> notes.add("checkpoint_skipped", Map.of("reason", reason)));
  }

  private static Start at(
      Checkpoints.Stored stored,
      RunPlan plan,
      RunFolder folder,
      Checkpoints checkpoints,
      Notes notes) {
    plan.requireSamePlace(stored);
    Checkpoint checkpoint = stored.checkpoint();
    List<Path> later = checkpoints.after(checkpoint.progress());
    folder
        .moveAside(later)
        .ifPresent(aside ->
            notes.add("moved_aside", Map.of("folder", aside.toString(), "files", later.size())));
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("file", stored.file().toString());
    line.put("step", checkpoint.progress().step());
    line.put("epoch", checkpoint.progress().epoch());
    line.put("iteration", checkpoint.progress().iteration());
    line.put("changed", checkpoint.recipe().differences(plan.recipe()));
    notes.add("resumed", line);
    return new Start(checkpoint, Optional.of(stored.file()), notes);
  }

  private static Start anew(Recipe recipe, RunFolder folder, TrainingStep step, Notes notes) {
    folder
        .moveAside(Curves.folder(recipe))
        .ifPresent(aside -> notes.add("moved_aside", Map.of("folder", aside.toString())));
    String weights = recipe.text("TRAIN.CHECKPOINT_FILE_PATH");
    Network.Start start = weights.isEmpty()
        ? Network.fresh(recipe, step.parameters(), step.statistics())
        : Network.from(Path.of(weights), recipe, step.parameters(), step.statistics());
    if (!weights.isEmpty()) {
      notes.add("weights", Map.of("file", weights, "report", start.notes()));
    }
    return new Start(
        new Checkpoint(
            start.parameters(),
            new float[start.parameters().length],
            start.statistics(),
            Checkpoint.Progress.START,
            recipe,
            "",
            List.of(),
            LossScaler.of(recipe).start()),
        Optional.empty(),
        notes);
  }
}
