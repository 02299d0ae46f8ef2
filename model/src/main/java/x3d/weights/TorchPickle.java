package x3d.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import net.razorvine.pickle.Opcodes;
import net.razorvine.pickle.PickleUtils;
import net.razorvine.pickle.Unpickler;

/**
 * Reads a pickle as data. {@link Unpickler} is the machine for the harmless part: numbers, texts, lists, tuples, the stack
 * and the memo. Whatever could build an object is done here, from a closed list of what {@code torch.save} writes for
 * tensors in plain containers; every other name and opcode is refused. So neither the library's registry of constructors
 * nor its fallback, a {@code ClassDict} of any name, is ever reached.
 *
 * <p>What comes out: dict and OrderedDict as {@link LinkedHashMap}, list as {@link ArrayList}, tuple and torch.Size as
 * {@code Object[]}, int as {@link Integer}, {@link Long} or {@link java.math.BigInteger}, float as {@link Double}, str,
 * bool, None as null, {@link Tensor} and {@link Storage}; a dtype or device as a {@link Name}. One pickle an instance.
 */
final class TorchPickle extends Unpickler {
  /** A storage somewhere in the file. A view, which only pickles before PyTorch 0.4 have, begins at {@code offset}. */
  record Storage(ElementType type, String key, long offset, long length) {}

  /** A tensor laid over a storage; offset and strides count elements. */
  record Tensor(Storage storage, long offset, long[] shape, long[] strides) {}

  /** A value that is known by its name alone: {@code torch.float32}, {@code torch.device}. */
  record Name(String name) {}

  private record Constructor(String name, Building building) {}

  @FunctionalInterface
  private interface Building {
    Object build(Object[] arguments);
  }

  private static final Map<String, Object> ALLOWED = allowed();

  /**
   * Passed on to the machine. Not among them: what builds objects by itself (INST, OBJ, NEWOBJ, EXT), sets and byte strings
   * (no state_dict has them), LONG4 and the textual numbers and strings of protocol 0 (PyTorch writes protocol 2 and
   * later, and decimal text of a hostile length takes hours to parse).
   */
  private static final Set<Short> PLAIN = Set.of(
      Opcodes.MARK,
      Opcodes.STOP,
      Opcodes.POP,
      Opcodes.POP_MARK,
      Opcodes.DUP,
      Opcodes.NONE,
      Opcodes.NEWTRUE,
      Opcodes.NEWFALSE,
      Opcodes.BININT,
      Opcodes.BININT1,
      Opcodes.BININT2,
      Opcodes.LONG1,
      Opcodes.BINFLOAT,
      Opcodes.SHORT_BINSTRING,
      Opcodes.SHORT_BINUNICODE,
      Opcodes.EMPTY_TUPLE,
      Opcodes.TUPLE,
      Opcodes.TUPLE1,
      Opcodes.TUPLE2,
      Opcodes.TUPLE3,
      Opcodes.EMPTY_LIST,
      Opcodes.LIST,
      Opcodes.APPEND,
      Opcodes.APPENDS,
      Opcodes.BINGET,
      Opcodes.LONG_BINGET,
      Opcodes.BINPUT,
      Opcodes.LONG_BINPUT,
      Opcodes.MEMOIZE,
      Opcodes.BINPERSID,
      Opcodes.PROTO,
      Opcodes.FRAME);

  private final Map<String, Storage> storages = new LinkedHashMap<>();

  /** All storages that the pickle refers to, by key. */
  Map<String, Storage> storages() {
    return storages;
  }

  /**
   * The next pickle of the stream, which is left just behind it.
   *
   * @throws WeightsException naming what is refused or damaged
   */
  Object read(InputStream stream) throws IOException {
    try {
      return load(stream);
    } catch (WeightsException e) {
      throw e;
    } catch (RuntimeException e) {
      // the machine does not check what it pops: bytes at random end in casts, indices and nulls
      throw new WeightsException("its pickle is damaged: " + e, e);
    }
  }

  @Override
  protected Object dispatch(short opcode) throws IOException {
    switch (opcode) {
      case Opcodes.GLOBAL -> push(global(PickleUtils.readline(input), PickleUtils.readline(input)));
      case Opcodes.STACK_GLOBAL -> {
        String name = (String) stack.pop();
        push(global((String) stack.pop(), name));
      }
      case Opcodes.INST ->
        throw refusal(PickleUtils.readline(input) + "." + PickleUtils.readline(input));
      case Opcodes.REDUCE -> reduce();
      case Opcodes.BUILD -> discardAttributes();
      case Opcodes.EMPTY_DICT -> push(new LinkedHashMap<>());
      case Opcodes.DICT -> {
        List<Object> items = stack.pop_all_since_marker();
        push(putAll(new LinkedHashMap<>(), items));
      }
      case Opcodes.SETITEM -> {
        Object value = stack.pop();
        Object key = stack.pop();
        putAll(stack.peek(), Arrays.asList(key, value));
      }
      case Opcodes.SETITEMS -> {
        List<Object> items = stack.pop_all_since_marker();
        putAll(stack.peek(), items);
      }
      case Opcodes.BINUNICODE, Opcodes.BINSTRING ->
        push(text(littleEndian(Integer.BYTES).getInt() & 0xffffffffL));
      case Opcodes.BINUNICODE8 -> push(text(littleEndian(Long.BYTES).getLong()));
      default -> {
        if (!PLAIN.contains(opcode)) {
          throw new WeightsException(String.format(
              "refuses pickle opcode 0x%02x: a checkpoint is read for tensors, numbers, texts and plain containers only",
              opcode));
        }
        return super.dispatch(opcode);
      }
    }
    return NO_RETURN_VALUE;
  }

  private void push(Object value) {
    stack.add(value);
  }

  /** A text of so many bytes, read in pieces: the length is only a claim, and must not size an array. */
  private String text(long bytes) throws IOException {
    if (bytes < 0 || bytes > Integer.MAX_VALUE - 8) {
      throw new WeightsException(
          "its pickle announces a text of " + Long.toUnsignedString(bytes) + " bytes");
    }
    byte[] read = input.readNBytes((int) bytes);
    if (read.length < bytes) {
      throw new WeightsException("its pickle ends within a text");
    }
    return new String(read, StandardCharsets.UTF_8);
  }

  private ByteBuffer littleEndian(int bytes) throws IOException {
    byte[] read = input.readNBytes(bytes);
    if (read.length < bytes) {
      throw new WeightsException("its pickle ends within a length");
    }
    return ByteBuffer.wrap(read).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static Object global(String module, String name) {
    Object value = ALLOWED.get(module + "." + name);
    if (value == null) {
      throw refusal(module + "." + name);
    }
    return value;
  }

  private static WeightsException refusal(String name) {
    return new WeightsException(
        "refuses to build " + name.substring(0, Math.min(200, name.length()))
            + ": a checkpoint is read for tensors and plain containers only");
  }

  private void reduce() {
    Object[] arguments = (Object[]) stack.pop();
    Object callee = stack.pop();
    if (!(callee instanceof Constructor constructor)) {
      throw new WeightsException("its pickle calls what is no constructor, "
          + (callee == null ? "None" : callee.getClass().getSimpleName()));
    }
    try {
      push(constructor.building().build(arguments));
    } catch (ClassCastException | IndexOutOfBoundsException | NullPointerException e) {
      throw new WeightsException(
          "its pickle calls " + constructor.name() + " with other arguments than torch.save does",
          e);
    }
  }

  /** An OrderedDict's attributes, such as the {@code _metadata} of every state_dict: layer versions, of no use here. */
  private void discardAttributes() {
    stack.pop();
    if (!(stack.peek() instanceof LinkedHashMap)) {
      throw new WeightsException("its pickle sets the state of an object that is no dict");
    }
  }

  /** Keys are scalars: hashing a container that holds itself would not end. */
  private static Map<Object, Object> putAll(Object target, List<Object> keysAndValues) {
    @SuppressWarnings("unchecked") // all maps here are built here
    Map<Object, Object> map = (LinkedHashMap<Object, Object>) target;
    for (int i = 0; i < keysAndValues.size(); i += 2) {
      Object key = keysAndValues.get(i);
      if (!(key == null
          || key instanceof String
          || key instanceof Number
          || key instanceof Boolean)) {
        throw new WeightsException(
            "its pickle has a dict key that is no text, number, bool or None");
      }
      map.put(key, keysAndValues.get(i + 1));
    }
    return map;
  }

  /** {@code ('storage', class, key, location, elements[, view])}; where the storage was (cpu, cuda:0) does not matter. */
  @Override
  protected Object persistentLoad(Object id) {
    if (!(id instanceof Object[] fields) || fields.length < 5 || !"storage".equals(fields[0])) {
      throw new WeightsException(
          id instanceof Object[] fields && fields.length > 0 && fields[0] instanceof String kind
              ? refusal("a persistent " + kind).getMessage()
              : "its pickle has a persistent id that is no storage's");
    }
    Storage whole = new Storage((ElementType) fields[1], (String) fields[2], 0, count(fields[4]));
    Storage known = storages.putIfAbsent(whole.key(), whole);
    if (known != null && known.type() != whole.type()) {
      throw new WeightsException("its pickle has storage " + whole.key() + " both as "
          + known.type() + " and as " + whole.type());
    }
    if (fields.length > 5 && fields[5] instanceof Object[] view) {
      return new Storage(whole.type(), whole.key(), count(view[1]), count(view[2]));
    }
    return whole;
  }

  private static Map<String, Object> allowed() {
    Map<String, Object> allowed = new HashMap<>();
    for (ElementType type : ElementType.values()) {
      allowed.put("torch." + type.torchStorage(), type);
    }
    for (String dtype : List.of(
        "float64",
        "float32",
        "float16",
        "bfloat16",
        "int64",
        "int32",
        "int16",
        "int8",
        "uint8",
        "bool")) {
      allowed.put("torch." + dtype, new Name("torch." + dtype));
    }
    Stream.of(
            new Constructor("collections.OrderedDict", TorchPickle::orderedDict),
            new Constructor("torch._utils._rebuild_tensor_v2", TorchPickle::tensor),
            new Constructor("torch._utils._rebuild_parameter", arguments -> (Tensor) arguments[0]),
            new Constructor("torch.Size", arguments -> sequence(arguments[0])),
            new Constructor(
                "torch.device", arguments -> new Name("torch.device " + (String) arguments[0])))
        .forEach(constructor -> allowed.put(constructor.name(), constructor));
    return Map.copyOf(allowed);
  }

  /** Empty and filled later, or (Python 2) from a list of pairs. */
  private static Object orderedDict(Object[] arguments) {
    Map<Object, Object> map = new LinkedHashMap<>();
    if (arguments.length > 0) {
      for (Object pair : (List<?>) arguments[0]) {
        putAll(map, Arrays.asList(sequence(pair)));
      }
    }
    return map;
  }

  private static Object[] sequence(Object value) {
    return value instanceof List<?> list ? list.toArray() : (Object[]) value;
  }

  /** {@code (storage, offset, size, stride, requires_grad, backward_hooks, ...)}, checked against its storage. */
  private static Tensor tensor(Object[] arguments) {
    Storage storage = (Storage) arguments[0];
    long[] shape = counts(arguments[2]);
    long[] strides = counts(arguments[3]);
    if (strides.length != shape.length) {
      throw new WeightsException("its pickle has a tensor of " + shape.length + " extents and "
          + strides.length + " strides");
    }
    return new Tensor(storage, count(arguments[1]), shape, strides);
  }

  private static long[] counts(Object sequence) {
    return Arrays.stream(sequence(sequence)).mapToLong(TorchPickle::count).toArray();
  }

  private static long count(Object value) {
    if (value instanceof Integer || value instanceof Long) {
      long count = ((Number) value).longValue();
      if (count >= 0) {
        return count;
      }
    }
    throw new WeightsException("its pickle has a size, stride or offset that is no natural number");
  }
}
