package x3d.tools.run;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumMap;
import java.util.Map;
import x3d.tools.run.Curve.Reduction;

/** The curves of a run, by its {@code metrics.jsonl}. */
final class RunCurves implements RunLogReader.Listener {
  /** What is measured. */
  enum Quantity {
    LOSS("train", "loss", Reduction.MEAN),
    TOP1("train", "top1_err", Reduction.MEAN),
    TOP5("train", "top5_err", Reduction.MEAN),
    VALIDATION_TOP1("val", "top1_err", Reduction.LAST),
    VALIDATION_TOP5("val", "top5_err", Reduction.LAST),
    RATE("train", "lr", Reduction.LAST),
    GRADIENT("train", "grad_norm", Reduction.GREATEST),
    SPEED("train", "fps", Reduction.MEAN),
    WAITING("train", "dt_data", Reduction.MEAN) {
      @Override
      double of(JsonNode line) {
        double data = super.of(line);
        return 100 * data / (data + RunLogReader.number(line, "dt_step"));
      }
    },
    RESIDENT("memory", "resident_bytes", Reduction.GREATEST),
    HEAP("memory", "heap_bytes", Reduction.GREATEST),
    DEVICE("memory", "device_bytes", Reduction.GREATEST),
    LOSS_SCALE("train", "loss_scale", Reduction.LAST),
    OVERFLOWS("overflow", "overflows", Reduction.LAST),
    EPOCH("train", "epoch", Reduction.LAST),
    SECONDS("train", "wall_time", Reduction.LAST);

    private final String type;
    private final String field;
    private final Reduction reduction;

    Quantity(String type, String field, Reduction reduction) {
      this.type = type;
      this.field = field;
      this.reduction = reduction;
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
