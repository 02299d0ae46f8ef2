package x3d.tools.plan;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import x3d.collective.Collective;
import x3d.net.Variant;
import x3d.tools.Json;
import x3d.train.JobOptions;
import x3d.train.Network;
import x3d.train.Recipe;
import x3d.train.RecipeException;

/** {@code x3d-tools plan}: what training on many devices would take. */
@Command(
    name = "plan",
    description = {
      "What training on many devices would take: memory of a device and a host, bytes",
      "exchanged, time of an update, an epoch and the run, and where more devices stop",
      "paying. Memory and bytes follow from the recipe's training graph; times need a",
      "profile of one device: --measure makes one here, --profile reads one."
    },
    footer = {
      "",
      "KEY VALUE pairs override the recipe, as for x3d-train. Not counted: validation,",
      "checkpoints, precise BN, and what a device's libraries take for themselves.",
      "docs/scaling.md has the formulas."
    },
    sortOptions = false)
public final class PlanCommand implements Callable<Integer> {
  @Option(
      names = "--recipe",
      paramLabel = "FILE",
      description = "YAML with SlowFast's keys; without it the one shipped: x3d_s_kinetics.")
  private Path recipeFile;

  @Option(
      names = "--devices",
      paramLabel = "N",
      description = "Devices of a host. Default: the recipe's NUM_GPUS, which are those of a rank.")
  private Integer devices;

  @Option(names = "--hosts", paramLabel = "N", description = "Default: ${DEFAULT-VALUE}.")
  private int hosts = 1;

  @Option(
      names = "--ranks-a-host",
      paramLabel = "N",
      description = "Processes of a host, which share its devices. Default: ${DEFAULT-VALUE}.")
  private int ranks = 1;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description =
          "Clips of an update over all devices of all hosts, TRAIN.BATCH_SIZE x NUM_SHARDS."
              + " Default: the recipe's.")
  private Integer batch;

  @Option(
      names = "--profile",
      paramLabel = "FILE",
      description = "A profile of --measure, or a report of bench train --out; several of different"
          + " batches make a line.")
  private List<Path> profiles = new ArrayList<>();

  @Option(
      names = "--loading",
      paramLabel = "FILE",
      description =
          "A report of bench load --out: how fast clips are read. Without it they never wait.")
  private Path loading;

  @Option(
      names = "--decoders",
      paramLabel = "N",
      description = "Threads of a host that read clips. Default: DATA_LOADER.NUM_WORKERS a device.")
  private Integer decoders;

  @Mixin
  private LinkOptions links;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      converter = Quantity.Size.class,
      description = "Of a device; without --device-bandwidth of a host.")
  private Double memory;

  @Option(names = "--videos", paramLabel = "N", description = "Videos of an epoch.")
  private Long videos;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      description = "Default: the recipe's SOLVER.MAX_EPOCH.")
  private Integer epochs;

  @Option(
      names = "--efficiency",
      paramLabel = "PERCENT",
      description = "Less than this is called the end of scaling. Default: ${DEFAULT-VALUE}.")
  private double efficiency = 80;

  @Mixin
  private MeasureOptions measure;

  @Mixin
  private JobOptions job;

  @Option(names = "--json", description = "Print one JSON object instead of a table.")
  private boolean json;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Write plan.json, and index.html with a picture.")
  private Path folder;

  @Parameters(paramLabel = "KEY VALUE", description = "Overrides of the recipe.")
  private List<String> overrides = new ArrayList<>();

  @Spec
  private CommandSpec spec;

  @Override
  public Integer call() throws Exception {
    return job.run(ranks -> {
      Plan plan = plan(ranks);
      if (ranks.rank() == 0) {
        publish(plan);
      }
      return 0;
    });
  }

  private void publish(Plan plan) throws IOException {
    if (folder != null) {
      Json.save(folder.resolve("plan.json"), Json.pretty(plan.fields()) + "\n");
      Json.save(folder.resolve("index.html"), PlanPage.of(plan));
    }
    PrintWriter out = spec.commandLine().getOut();
    if (json) {
      out.println(Json.line(plan.fields()));
    } else {
      plan.print(out);
    }
    out.flush();
  }

  private Plan plan(Collective others) throws IOException, InterruptedException {
    Recipe recipe;
    int micro;
    int local;
    long clips;
    try {
      recipe =
          (recipeFile == null ? Recipe.seed() : Recipe.read(recipeFile)).withOverrides(overrides);
      micro = recipe.integer("SOLVER.ACCUMULATION_STEPS");
      local = devices == null ? ranks * Math.max(1, recipe.integer("NUM_GPUS")) : devices;
      clips = batch == null
          ? (long) recipe.integer("TRAIN.BATCH_SIZE") * recipe.integer("NUM_SHARDS")
          : batch;
      recipe = recipe
          .with("NUM_GPUS", 1)
          .with("NUM_SHARDS", 1)
          .with("TRAIN.BATCH_SIZE", (int) Math.max(1, clips))
          .checked();
    } catch (RecipeException e) {
      throw wrong(e.getMessage());
    }
    if (efficiency <= 0 || efficiency > 100) {
      throw wrong("--efficiency is " + efficiency + "; it must be above 0 and at most 100");
    }
    // its links are those of the profile, which is measured or read once it is known that the rest
    // is right
    Cluster unlinked = cluster(local, links.links(Optional.empty()));
    long share = (long) unlinked.allDevices() * micro;
    if (clips < share || clips % share != 0) {
      throw wrong(
          "the batch is " + clips + " clips, which " + unlinked.allDevices() + " devices x " + micro
              + " micro-batches do not divide; the next that they do: "
              + share * Math.max(1, (clips + share - 1) / share));
    }
    int each = (int) (clips / share);
    Optional<Profile> profile = profile(recipe, each, unlinked, others);
    Planner planner = new Planner(Demand.of(recipe), micro, profile, loading(recipe, local));
    Cluster cluster = cluster(local, links.links(profile.flatMap(Profile::exchange)));
    return new Plan(
        Variant.nameOf(Network.config(recipe)),
        planner,
        cluster,
        each,
        memory == null ? OptionalInt.empty() : OptionalInt.of(planner.mostClips(cluster, memory)),
        memory == null ? OptionalDouble.empty() : OptionalDouble.of(memory),
        run(recipe, clips),
        profile.isEmpty()
            ? List.of()
            : List.of(
                Scaling.weak(planner, cluster, each, efficiency / 100),
                Scaling.strong(planner, cluster, (int) clips, efficiency / 100)));
  }

  private Cluster cluster(int local, Cluster.Links joined) {
    try {
      return new Cluster(hosts, ranks, local, joined);
    } catch (IllegalArgumentException e) {
      throw wrong(e.getMessage());
    }
  }

  private Optional<Profile> profile(Recipe recipe, int each, Cluster cluster, Collective others)
      throws IOException, InterruptedException {
    if (measure.wanted()) {
      if (!profiles.isEmpty()) {
        throw wrong("--measure makes a profile and --profile reads one: which?");
      }
      return Optional.of(measure.profile(recipe, each, cluster.devices(), others));
    }
    return profiles.isEmpty() ? Optional.empty() : Optional.of(Profile.read(profiles));
  }

  private Optional<Planner.Loading> loading(Recipe recipe, int local) throws IOException {
    if (loading == null) {
      if (decoders != null) {
        throw wrong(
            "--decoders " + decoders + ": how fast? give a report of bench load with --loading");
      }
      return Optional.empty();
    }
    JsonNode rate = Json.read(loading).at("/figures/clipsPerSecondAndThread");
    if (!rate.isNumber() || rate.asDouble() <= 0) {
      throw new IllegalArgumentException(loading + " is no report of x3d-tools bench load --out");
    }
    int threads = decoders == null
        ? Math.max(1, local * recipe.integer("DATA_LOADER.NUM_WORKERS"))
        : decoders;
    if (threads < 1) {
      throw wrong("--decoders is " + threads + "; it must be 1 or more");
    }
    return Optional.of(new Planner.Loading(rate.asDouble(), threads));
  }

  private Optional<Plan.Run> run(Recipe recipe, long clips) {
    if (videos == null) {
      return Optional.empty();
    }
    if (videos < clips) {
      throw wrong("--videos is " + videos + ", less than the batch of " + clips);
    }
    return Optional.of(
        new Plan.Run(videos / clips, epochs == null ? recipe.integer("SOLVER.MAX_EPOCH") : epochs));
  }

  private ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }
}
