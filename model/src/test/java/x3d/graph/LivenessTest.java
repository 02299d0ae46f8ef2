package x3d.graph;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class LivenessTest {
  private final Graph g = new Graph("g");

  private Tensor floats(String name, long... shape) {
    return g.input(name, ElementType.FLOAT, Shape.of(shape));
  }

  @Test
  void aTensorLivesUntilItsLastReader() {
    Tensor x = floats("x", 10);
    Tensor a = Elementwise.relu(x); // 40
    Tensor b = Elementwise.relu(a); // 40; a is read again below
    Tensor c = Elementwise.relu(b); // 40
    Tensor d = Elementwise.add(a, c); // 40
    g.output("y", Elementwise.relu(d));
    Liveness live = Liveness.of(g);
    assertEquals(40, live.bytes(0));
    assertEquals(80, live.bytes(1));
    assertEquals(120, live.bytes(2));
    assertEquals(120, live.bytes(3)); // a and c read, d made; b is gone
    assertEquals(40, live.bytes(4)); // the result is given from outside
    assertEquals(120, live.peak());
  }

  @Test
  void anotherShapeIsNoOtherMemory() {
    Tensor a = Elementwise.relu(floats("x", 4, 5)); // 80
    Tensor view = Movement.reshape(a, 20);
    Tensor b = Elementwise.relu(view); // 80; keeps a alive through its view
    g.output("y", Elementwise.relu(b));
    assertEquals(160, Liveness.of(g).peak());
  }

  @Test
  void whatNoResultNeedsTakesNothing() {
    Tensor x = floats("x", 10);
    Elementwise.relu(Elementwise.relu(x));
    g.output("y", Elementwise.relu(x));
    assertEquals(0, Liveness.of(g).peak());
  }

  @Test
  void elementsHaveTheSizeOfTheirType() {
    Tensor x = g.input("x", ElementType.DOUBLE, Shape.of(3));
    Tensor a = Elementwise.add(x, x); // 24
    g.output("y", Elementwise.add(a, a));
    assertEquals(24, Liveness.of(g).peak());
  }
}
