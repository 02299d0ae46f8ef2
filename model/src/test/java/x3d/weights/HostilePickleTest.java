package x3d.weights;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import net.razorvine.pickle.Unpickler;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostilePickleTest {
  private static final String ONLY = ": a checkpoint is read for tensors and plain containers only";

  @TempDir
  Path folder;

  @ParameterizedTest
  @CsvSource({
    "os, system",
    "posix, system",
    "builtins, eval",
    "builtins, set",
    "builtins, bytearray",
    "datetime, datetime",
    "decimal, Decimal",
    "array, array",
    "torch, load",
    "torch.storage, _load_from_bytes",
    "torch.jit._pickle, build_intlist",
    "__torch__, Module",
    "collections, defaultdict",
    "numpy.core.multiarray, scalar"
  })
  void namesOffTheListAreRefusedByName(String module, String name) {
    byte[] call = PickleBytes.pickle()
        .global(module, name)
        .mark()
        .text("x")
        .tuple()
        .reduce()
        .stop();
    assertRefused("refuses to build " + module + "." + name + ONLY, call);
  }

  @Test
  void nameFromTheStackIsRefusedByName() {
    assertRefused(
        "refuses to build os.system" + ONLY,
        PickleBytes.pickle().text("os").text("system").op(0x93).stop());
  }

  @Test
  void instanceOpcodeIsRefusedByName() {
    byte[] pickle =
        PickleBytes.pickle().mark().text("x").op('i').ascii("os\nsystem\n").stop();
    assertRefused("refuses to build os.system" + ONLY, pickle);
  }

  @Test
  void controlCharactersOfAHostileNameDoNotReachTheMessage() {
    assertRefused(
        "refuses to build o?[31ms.sys?em" + ONLY,
        PickleBytes.pickle().global("o\u001b[31ms", "sys\rem").stop());
  }

  @Test
  void constructorsRegisteredWithTheLibraryAreNotConsulted() {
    boolean[] built = new boolean[1];
    Unpickler.registerConstructor("someone", "Registered", arguments -> built[0] = true);
    assertRefused(
        "refuses to build someone.Registered" + ONLY,
        PickleBytes.pickle().global("someone", "Registered").op(')').reduce().stop());
    assertFalse(built[0]);
  }

  /** NEWOBJ, NEWOBJ_EX, OBJ, EXT1, sets, byte strings, out-of-band buffers, textual numbers, GET and PERSID. */
  @ParameterizedTest
  @ValueSource(
      ints = {
        0x81, 0x92, 'o', 0x82, 0x8f, 0x90, 0x91, 'B', 'C', 0x8e, 0x96, 0x97, 'I', 'L', 'F', 'g',
        'P', 0xfe
      })
  void opcodesThatNoCheckpointNeedsAreRefused(int opcode) {
    byte[] pickle = PickleBytes.pickle()
        .global("collections", "OrderedDict")
        .op(')')
        .op(opcode)
        .stop();
    assertRefused(
        String.format(
            "refuses pickle opcode 0x%02x: a checkpoint is read for tensors, numbers, texts and plain containers only",
            opcode),
        pickle);
  }

  @Test
  void allowedConstructorWithStrangeArgumentsIsRefused() {
    assertRefused(
        "its pickle calls torch._utils._rebuild_tensor_v2 with other arguments than torch.save does",
        PickleBytes.pickle()
            .global("torch._utils", "_rebuild_tensor_v2")
            .numbers(1, 2)
            .reduce()
            .stop());
  }

  @Test
  void callOfAPlainValueIsRefused() {
    assertRefused(
        "its pickle calls what is no constructor, String",
        PickleBytes.pickle().text("os.system").op(')').reduce().stop());
  }

  @Test
  void persistentModuleIsRefused() {
    byte[] pickle = PickleBytes.pickle()
        .mark()
        .text("module")
        .text("evil")
        .text("evil.py")
        .text("import os")
        .tuple()
        .op('Q')
        .stop();
    assertRefused("refuses to build a persistent module" + ONLY, pickle);
  }

  @Test
  void stateOfAnythingButADictIsRefused() {
    assertRefused(
        "its pickle sets the state of an object that is no dict",
        PickleBytes.pickle().op(']').op('}').op('b').stop());
  }

  @Test
  void containerThatHoldsItselfIsNoDictKey() {
    byte[] pickle = PickleBytes.pickle()
        .op('}')
        .op(']')
        .op('q')
        .op(0)
        .op('h')
        .op(0)
        .op('a')
        .op('N')
        .op('s')
        .stop();
    assertRefused("its pickle has a dict key that is no text, number, bool or None", pickle);
  }

  @Test
  void lengthThatIsOnlyAClaimTakesNoMemory() {
    assertRefused(
        "its pickle ends within a text",
        PickleBytes.pickle().op('X').int32(0x7fffff00).stop());
  }

  @Test
  void hugeOptimizerStateIsNotEvenLookedAt() {
    byte[] pickle = PickleBytes.pickle()
        .op('}')
        .mark()
        .text("model_state")
        .op('}')
        .text("t")
        .tensor("FloatStorage", "0", 1, 0, new int[] {1}, new int[] {1})
        .op('s')
        .text("optimizer_state")
        .tensor("FloatStorage", "gone", 1 << 30, 0, new int[] {1 << 30}, new int[] {1})
        .op('u')
        .stop();
    Path file = PickleBytes.zip(folder, pickle, Map.of("0", PickleBytes.littleEndian(3)));
    assertEquals(3f, PytorchCheckpoint.read(file).get("t").values()[0]);
  }

  @Test
  void pickleOfNothingButTheMagicNumberEndsTooEarly() throws IOException {
    Path file = folder.resolve("short.pyth");
    byte[] magic =
        PickleBytes.pickle().number(new BigInteger("1950a86a20f9469cfc6c", 16)).stop();
    Files.write(file, magic);
    WeightsException e = assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
    assertTrue(e.getMessage().startsWith(file.toString()), e.getMessage());
  }

  @Test
  void fileOfNeitherFormatIsSaidToBe() throws IOException {
    Path file = folder.resolve("video.pyth");
    Files.writeString(file, "no checkpoint at all");
    assertEquals(
        file
            + ": not a file of torch.save: neither a zip file nor one in the format before PyTorch 1.6",
        assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file)).getMessage());
  }

  private void assertRefused(String message, byte[] pickle) {
    Path file = PickleBytes.zip(folder, pickle, Map.of());
    WeightsException e = assertThrows(WeightsException.class, () -> PytorchCheckpoint.read(file));
    assertEquals(file + ": " + message, e.getMessage());
  }
}
