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

  /**
   * Looks where this run begins. Weights that the recipe names win over an automatic resume, except of a run that began with
   * them: that one was interrupted, and goes on.
   */
  static Start of(RunPlan plan, Resume resume, RunFolder folder) {
    Notes notes = new Notes();
    Checkpoints checkpoints = folder.checkpoints(plan.step());
    Optional<Pretrained> named =
        resume.mode() == Resume.Mode.FILE ? Optional.empty() : Pretrained.of(plan.recipe());
    Optional<Checkpoints.Stored> stored = switch (resume.mode()) {
      case FILE -> Optional.of(checkpoints.read(resume.file().orElseThrow()));
      case NEVER -> Optional.empty();
      case AUTO -> newest(checkpoints, named, notes);
      case RECIPE ->
        plan.recipe().flag("TRAIN.AUTO_RESUME")
            ? newest(checkpoints, named, notes)
            : Optional.empty();
    };
    return stored.isPresent()
        ? at(stored.get(), named, plan, folder, checkpoints, notes)
        : anew(plan.recipe(), named, folder, plan.step(), notes);
  }

  private static Optional<Checkpoints.Stored> newest(
      Checkpoints checkpoints, Optional<Pretrained> named, Notes notes) {
    if (named.isPresent() && !checkpoints.began(named.get())) {
      if (!checkpoints.files().isEmpty()) {
        notes.add(
            "not_resumed",
            Map.of(
                "file", checkpoints.files().get(0).toString(),
                "starts_from", named.get().file().toString()));
      }
      return Optional.empty();
    }
    return checkpoints.newest(reason -> notes.add("checkpoint_skipped", Map.of("reason", reason)));
  }

  private static Start at(
      Checkpoints.Stored stored,
      Optional<Pretrained> named,
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
    named.ifPresent(weights -> line.put("began_with", weights.file().toString()));
    notes.add("resumed", line);
    return new Start(checkpoint, Optional.of(stored.file()), notes);
  }

  private static Start anew(
      Recipe recipe, Optional<Pretrained> named, RunFolder folder, TrainingStep step, Notes notes) {
    named.map(Pretrained::file).filter(folder::holds).ifPresent(file -> {
      throw new TrainingException("cannot start from " + file + ": it belongs to the run in "
          + folder.path() + ", which would have to give way; go on with that run by --resume FILE,"
          + " or start into another folder");
    });
    Network.Start start = named
        .map(weights -> Network.from(weights, recipe, step.parameters(), step.statistics()))
        .orElseGet(() -> Network.fresh(recipe, step.parameters(), step.statistics()));
    folder
        .moveAside(Curves.folder(recipe))
        .ifPresent(aside -> notes.add("moved_aside", Map.of("folder", aside.toString())));
    start.loaded().ifPresent(summary -> {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("file", named.orElseThrow().file().toString());
      line.put("sha256", named.orElseThrow().sha256());
      line.putAll(summary.fields());
      notes.add("weights", line);
    });
    return new Start(
        new Checkpoint(
            start.parameters(),
            new float[start.parameters().length],
            start.statistics(),
            Checkpoint.Progress.START,
            recipe,
            "",
            List.of(),
            LossScaler.of(recipe).start(),
            named.map(Pretrained::sha256).orElse("")),
        Optional.empty(),
        notes);
  }
}
