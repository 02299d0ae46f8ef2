package x3d.tools.cann;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

final class TensorShapesTest {
  @Property(tries = 300)
  void readsWhatAnyVersionWritesOfTheSameShapes(
      @ForAll("tensors") List<List<Long>> tensors, @ForAll("dress") Dress dress) {
    Assume.that(!tensors.equals(List.of(List.of()))); // a single scalar looks like nothing
    assertEquals(tensors, TensorShapes.parse(dress.on(tensors)));
  }

  @Property(tries = 300)
  void whateverIsInACellIsReadOrRefusedWithTheCell(@ForAll String cell) {
    try {
      long parts = cell.chars().filter(c -> c == ';').count() + 1;
      List<List<Long>> shapes = TensorShapes.parse(cell);
      assertEquals(shapes.isEmpty() ? 0 : parts, shapes.size());
    } catch (IllegalArgumentException e) {
      assertEquals("'" + cell + "' is no list of shapes such as \"64,24,80,80;3\"", e.getMessage());
    }
  }

  @Example
  void knowsTheFormsByName() {
    assertEquals(
        List.of(List.of(64L, 24L, 13L, 80L), List.of(3L)), TensorShapes.parse("\"64,24,13,80;3\""));
    assertEquals(List.of(List.of(2L, 3L), List.of()), TensorShapes.parse("2,3;"));
    assertEquals(List.of(List.of(-1L, 4096L)), TensorShapes.parse("[-1, 4096]"));
    assertEquals(List.of(), TensorShapes.parse("N/A"));
    assertEquals(List.of(), TensorShapes.parse(" "));
    assertThrows(IllegalArgumentException.class, () -> TensorShapes.parse("64x24"));
    assertThrows(IllegalArgumentException.class, () -> TensorShapes.parse("64,,24"));
  }

  /** How a version writes a cell. */
  enum Dress {
    PLAIN("", "", ","),
    QUOTED("\"", "", ","),
    BRACKETS("", "[", ", ");

    private final String around;
    private final String bracket;
    private final String comma;

    Dress(String around, String bracket, String comma) {
      this.around = around;
      this.bracket = bracket;
      this.comma = comma;
    }

    String on(List<List<Long>> tensors) {
      return tensors.stream()
          .map(shape -> shape.stream().map(String::valueOf).collect(Collectors.joining(comma)))
          .map(axes -> bracket + axes + (bracket.isEmpty() ? "" : "]"))
          .collect(Collectors.joining(";", around, around));
    }
  }

  @Provide
  Arbitrary<Dress> dress() {
    return Arbitraries.of(Dress.values());
  }

  @Provide
  Arbitrary<List<List<Long>>> tensors() {
    return Arbitraries.longs()
        .between(-2, 1L << 40)
        .list()
        .ofMaxSize(8)
        .list()
        .ofMinSize(1)
        .ofMaxSize(5);
  }
}
