package x3d.tools.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.Map;
import x3d.tools.run.Curve.Reduction;

/** The curves of a run, by its {@code metrics.jsonl}. */
final class RunCurves implements RunLogReader.Listener {
  /** What is measured. */
  enum Quantity {
    LOSS("loss", "train", "loss", Reduction.MEAN),
    TOP1("training", "train", "top1_err", Reduction.MEAN),
    TOP5("training", "train", "top5_err", Reduction.MEAN),
    VALIDATION_TOP1("validation", "val", "top1_err", Reduction.LAST),
    VALIDATION_TOP5("validation", "val", "top5_err", Reduction.LAST),
    RATE("learning rate", "train", "lr", Reduction.LAST),
    GRADIENT("the norm of the gradient", "train", "grad_norm", Reduction.GREATEST),
    SPEED("speed", "train", "fps", Reduction.MEAN),
    WAITING("waiting", "train", "dt_data", Reduction.MEAN) {
      @Override
      double of(JsonNode line) {
        double data = super.of(line);
        return 100 * data / (data + RunLogReader.number(line, "dt_step"));
      }
    },
    RESIDENT("resident", "memory", "resident_bytes", Reduction.GREATEST),
    HEAP("Java heap", "memory", "heap_bytes", Reduction.GREATEST),
    LOSS_SCALE("loss scale", "train", "loss_scale", Reduction.LAST),
    OVERFLOWS("overflows", "overflow", "overflows", Reduction.GREATEST),
    EPOCH("epoch", "train", "epoch", Reduction.LAST),
    SECONDS("seconds", "train", "wall_time", Reduction.LAST);

    private final String label;
    private final String type;
    private final String field;
    private final Reduction reduction;

    Quantity(String label, String type, String field, Reduction reduction) {
      this.label = label;
      this.type = type;
      this.field = field;
      this.reduction = reduction;
    }

    /** In a legend. */
    String label() {
      return label;
    }

    /** NaN if the line, of the right kind, does not tell. */
    double of(JsonNode line) {
      return RunLogReader.number(line, field);
    }
  }

  private final Map<Quantity, Curve> curves = new EnumMap<>(Quantity.class);

  /** @param points that each curve has at most, even */
  RunCurves(int points) {
    for (Quantity quantity : Quantity.values()) {
      curves.put(quantity, new Curve(points, quantity.reduction));
    }
  }

  @Override
  public void metricsRestarted() {
    curves.values().forEach(Curve::clear);
  }

  @Override
  public void measured(JsonNode line) {
    String type = line.get("_type").asText();
    long step = line.path("step").asLong();
    curves.forEach((quantity, curve) -> {
      if (quantity.type.equals(type) && line.has(quantity.field)) {
        curve.add(step, quantity.of(line));
      }
    });
  }

  Curve of(Quantity quantity) {
    return curves.get(quantity);
  }
}
