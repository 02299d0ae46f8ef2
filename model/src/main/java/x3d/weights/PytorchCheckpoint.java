package x3d.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Checkpoints of SlowFast and PyTorchVideo ({@code .pyth}, {@code .pt}) as float32 {@link Weights} under SlowFast's names.
 *
 * <p>Reads both formats of {@code torch.save}; the state_dict may be the whole file or lie under {@code model_state}
 * (SlowFast, PyTorchVideo's zoo) or {@code state_dict} (Lightning). A pickle is data here: what is neither a tensor nor a
 * plain container is refused by name, never built.
 *
 * <p>What was not taken over is said in the metadata, under the keys below; each is absent where it would be empty.
 */
public final class PytorchCheckpoint {
  /** Name of the file. */
  public static final String SOURCE = "source";

  /** {@code zip} or {@code legacy}. */
  public static final String FORMAT = "source.format";

  /** Whose names the file has: {@code slowfast} or {@code pytorchvideo}. */
  public static final String NAMES = "source.names";

  /** Epoch that the checkpoint was saved after, counted from 0 as SlowFast does. */
  public static final String EPOCH = "source.epoch";

  /** Keys beside the state_dict, left aside on purpose: {@code optimizer_state, cfg}. */
  public static final String IGNORED = "source.ignored";

  /** Entries of the state_dict that are no weights: BN's {@code num_batches_tracked}, and what is no tensor. */
  public static final String DROPPED = "source.dropped";

  /** Tensors that the file does not hold and that were made up so that the output stays the same. */
  public static final String FILLED_IN = "source.filled_in";

  private static final List<String> STATE_KEYS = List.of("model_state", "state_dict");
  private static final String BATCH_COUNTER = ".num_batches_tracked";
  private static final String SEPARATOR = ", ";

  /** SlowFast's and PyTorchVideo's BN epsilon for X3D. */
  private static final float EPSILON = 1e-5f;

  /** Room for scalars and buffers that share a storage, see {@link #requireBounded}. */
  private static final long SLACK_ELEMENTS = 1 << 16;

  private final StorageFile file;
  private final Map<TorchPickle.Storage, ByteBuffer> read = new HashMap<>();

  private PytorchCheckpoint(StorageFile file) {
    this.file = file;
  }

  /**
   * @throws WeightsException if the file cannot be read, is damaged, asks for an object to be built that is neither tensor
   *     nor plain container, or holds no state_dict
   */
  public static Weights read(Path path) {
    try (StorageFile file = StorageFile.open(path)) {
      return new PytorchCheckpoint(file).weights(path);
    } catch (WeightsException e) {
      throw new WeightsException(path + ": " + e.printableMessage(), e);
    } catch (NoSuchFileException e) {
      throw new WeightsException(path + ": no such file", e);
    } catch (IOException
        | IllegalArgumentException e) { // the latter from ZipFile, for names that are no UTF-8
      throw new WeightsException(path + " cannot be read: " + e.getMessage(), e);
    }
  }

  private Weights weights(Path path) throws IOException {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put(SOURCE, path.getFileName().toString());
    facts.put(FORMAT, file.format());
    Map<String, TorchPickle.Tensor> named = named(stateDict(file.root(), facts), facts);
    requireBounded(named, Files.size(path));

    boolean pytorchVideo = named.keySet().stream().anyMatch(CheckpointNames::pytorchVideo);
    facts.put(NAMES, pytorchVideo ? "pytorchvideo" : "slowfast");
    Map<String, WeightTensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, TorchPickle.Tensor> entry : named.entrySet()) {
      String name = pytorchVideo ? CheckpointNames.slowFast(entry.getKey()) : entry.getKey();
      if (tensors.put(name, tensor(entry.getKey(), entry.getValue())) != null) {
        throw new WeightsException("two of its tensors are " + name + " under SlowFast's names");
      }
    }
    if (pytorchVideo) {
      tensors = withIdentityNorms(tensors, facts);
    }
    return new Weights(tensors, facts);
  }

  private static Map<?, ?> stateDict(Object root, Map<String, String> facts) {
    if (!(root instanceof Map<?, ?> map)) {
      throw new WeightsException("it holds no dict, so no state_dict");
    }
    for (String key : STATE_KEYS) {
      if (map.get(key) instanceof Map<?, ?> state) {
        List<String> ignored = new ArrayList<>();
        for (Object other : map.keySet()) {
          if (other instanceof String text
              && text.equals("epoch")
              && map.get(text) instanceof Integer epoch) {
            facts.put(EPOCH, epoch.toString());
          } else if (!key.equals(other)) {
            ignored.add(String.valueOf(other));
          }
        }
        note(facts, IGNORED, ignored);
        return state;
      }
    }
    if (map.values().stream().noneMatch(TorchPickle.Tensor.class::isInstance)) {
      throw new WeightsException(
          "it holds no state_dict: neither " + String.join(" nor ", STATE_KEYS) + " among its keys "
              + map.keySet().stream().limit(20).toList() + ", nor tensors");
    }
    return map;
  }

  /** The tensors without their wrappers' prefixes; what is dropped is noted. */
  private static Map<String, TorchPickle.Tensor> named(Map<?, ?> state, Map<String, String> facts) {
    Map<String, TorchPickle.Tensor> named = new LinkedHashMap<>();
    List<String> dropped = new ArrayList<>();
    int counters = 0;
    for (Map.Entry<?, ?> entry : state.entrySet()) {
      String name = CheckpointNames.unwrapped(String.valueOf(entry.getKey()));
      if (!(entry.getValue() instanceof TorchPickle.Tensor tensor)) {
        dropped.add(name + " (no tensor)");
      } else if (name.endsWith(BATCH_COUNTER)) {
        counters++;
      } else if (named.put(name, tensor) != null) {
        throw new WeightsException(
            "two of its tensors are " + name + " without the prefixes of wrappers");
      }
    }
    if (counters > 0) {
      dropped.add("num_batches_tracked of " + counters + " batch norms");
    }
    note(facts, DROPPED, dropped);
    return named;
  }

  private static void note(Map<String, String> facts, String key, List<String> what) {
    if (!what.isEmpty()) {
      facts.put(key, String.join(SEPARATOR, what));
    }
  }

  /**
   * The names that a metadata map holds under one of the keys above.
   *
   * @param key {@link #IGNORED}, {@link #DROPPED} or {@link #FILLED_IN}
   */
  public static List<String> names(Map<String, String> metadata, String key) {
    String names = metadata.get(key);
    return names == null ? List.of() : List.of(names.split(SEPARATOR));
  }

  /**
   * Refuses tensors that unfold to far more than the file holds: a few bytes of pickle can lay a thousand huge tensors over
   * one storage, or with strides of 0 over one element. One element a byte of the file leaves room for every honest case.
   */
  private static void requireBounded(Map<String, TorchPickle.Tensor> tensors, long fileBytes) {
    long room = fileBytes + SLACK_ELEMENTS;
    for (Map.Entry<String, TorchPickle.Tensor> entry : tensors.entrySet()) {
      long elements = 1;
      for (long extent : entry.getValue().shape()) {
        if (extent != 0 && elements > room / extent) {
          throw tooLarge(entry.getKey(), fileBytes);
        }
        elements *= extent;
      }
      room -= elements;
      if (room < 0) {
        throw tooLarge(entry.getKey(), fileBytes);
      }
    }
  }

  private static WeightsException tooLarge(String name, long fileBytes) {
    return new WeightsException(
        "up to " + name + " its tensors have more elements than " + fileBytes + " bytes can hold");
  }

  private WeightTensor tensor(String name, TorchPickle.Tensor tensor) throws IOException {
    int[] shape = Arrays.stream(tensor.shape()).mapToInt(Math::toIntExact).toArray();
    int size = WeightTensor.size(shape);
    if (size == 0) {
      return new WeightTensor(shape, new float[0]);
    }
    requireInside(name, tensor);
    TorchPickle.Storage storage = tensor.storage();
    ByteBuffer data = read.get(storage);
    if (data == null) {
      data = file.bytes(storage);
      read.put(storage, data);
    }
    return new WeightTensor(
        shape,
        contiguous(tensor)
            ? storage.type().floats(data, (int) tensor.offset(), size)
            : gathered(tensor, data, size));
  }

  private static void requireInside(String name, TorchPickle.Tensor tensor) {
    try {
      long last = tensor.offset();
      for (int axis = 0; axis < tensor.shape().length; axis++) {
        last = Math.addExact(
            last, Math.multiplyExact(tensor.shape()[axis] - 1, tensor.strides()[axis]));
      }
      if (last < tensor.storage().length()) {
        return;
      }
    } catch (ArithmeticException e) {
      throw new WeightsException(name + " has strides beyond all storages", e);
    }
    throw new WeightsException(
        name + " reaches beyond the " + tensor.storage().length() + " elements of its storage");
  }

  private static boolean contiguous(TorchPickle.Tensor tensor) {
    long stride = 1;
    for (int axis = tensor.shape().length - 1; axis >= 0; axis--) {
      if (tensor.shape()[axis] != 1 && tensor.strides()[axis] != stride) {
        return false;
      }
      stride *= tensor.shape()[axis];
    }
    return true;
  }

  /** Walks the indices as an odometer, in row-major order. */
  private static float[] gathered(TorchPickle.Tensor tensor, ByteBuffer data, int size) {
    float[] values = new float[size];
    long[] index = new long[tensor.shape().length];
    long at = tensor.offset();
    for (int i = 0; i < size; i++) {
      values[i] = tensor.storage().type().floatAt(data, (int) at);
      for (int axis = index.length - 1; axis >= 0; axis--) {
        at += tensor.strides()[axis];
        if (++index[axis] < tensor.shape()[axis]) {
          break;
        }
        at -= tensor.shape()[axis] * tensor.strides()[axis];
        index[axis] = 0;
      }
    }
    return values;
  }

  /**
   * PyTorchVideo has no BN after a shortcut convolution of equal width (stage 2), SlowFast has one: one that does nothing
   * stands in. Its variance is 1 - eps, because (1 - eps) + eps is exactly 1 in float32.
   */
  private static Map<String, WeightTensor> withIdentityNorms(
      Map<String, WeightTensor> tensors, Map<String, String> facts) {
    Map<String, WeightTensor> all = new LinkedHashMap<>();
    List<String> filledIn = new ArrayList<>();
    tensors.forEach((name, tensor) -> {
      all.put(name, tensor);
      if (name.endsWith(".branch1.weight")) {
        String norm = name.substring(0, name.length() - ".weight".length()) + "_bn.";
        if (tensors.keySet().stream().noneMatch(other -> other.startsWith(norm))) {
          Map<String, WeightTensor> identity = identityNorm(norm, tensor.shape()[0]);
          all.putAll(identity);
          filledIn.addAll(identity.keySet());
        }
      }
    });
    note(facts, FILLED_IN, filledIn);
    return all;
  }

  private static Map<String, WeightTensor> identityNorm(String prefix, int channels) {
    Map<String, WeightTensor> norm = new LinkedHashMap<>();
    norm.put(prefix + "weight", constant(channels, 1));
    norm.put(prefix + "bias", constant(channels, 0));
    norm.put(prefix + "running_mean", constant(channels, 0));
    norm.put(prefix + "running_var", constant(channels, 1 - EPSILON));
    return norm;
  }

  private static WeightTensor constant(int channels, float value) {
    float[] values = new float[channels];
    Arrays.fill(values, value);
    return new WeightTensor(new int[] {channels}, values);
  }
}
