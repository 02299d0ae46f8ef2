package x3d.runtime;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Map;
import org.junit.jupiter.api.Test;
import x3d.graph.ElementType;
import x3d.graph.Elementwise;
import x3d.graph.Graph;
import x3d.graph.OnnxFile;
import x3d.graph.Shape;

/** On the CPU, whose memory is the host's: the same calls as on a device. */
class DeviceTensorTest {
  private static Session doubling() {
    Graph graph = new Graph("doubling");
    graph.output("y", Elementwise.scale(graph.input("x", ElementType.FLOAT, Shape.mixed("n")), 2));
    return Session.open(new OnnxFile(graph, Map.of()).toBytes(), Device.cpu(1));
  }

  private static HostTensor host(float... values) {
    HostTensor t = HostTensor.floats(values.length);
    t.floats().put(values);
    return t;
  }

  private static float[] values(HostTensor t, int n) {
    float[] values = new float[n];
    t.floats().get(values);
    return values;
  }

  @Test
  void whatOneRunWritesTheNextReadsOnTheDevice() {
    try (Session session = doubling();
        HostTensor first = host(1, 2, 3);
        HostTensor last = HostTensor.floats(3);
        DeviceTensor a = DeviceTensor.floats(session, 3);
        DeviceTensor b = DeviceTensor.floats(session, 3)) {
      a.upload(first);
      for (int i = 0; i < 2; i++) {
        session.run(Map.of("x", a), Map.of("y", b));
        session.run(Map.of("x", b), Map.of("y", a));
      }
      a.download(last);
      assertArrayEquals(new float[] {16, 32, 48}, values(last, 3));
      b.upload(a);
      b.download(last);
      assertArrayEquals(new float[] {16, 32, 48}, values(last, 3));
    }
  }

  @Test
  void halvesAndLongsGoThereAndBackBitForBit() {
    try (Session session = doubling();
        HostTensor halves = HostTensor.halves(2, 2);
        HostTensor halvesBack = HostTensor.pinnedHalves(session, 2, 2);
        DeviceTensor onDevice = DeviceTensor.halves(session, 2, 2);
        HostTensor longs = HostTensor.longs(1);
        HostTensor longsBack = HostTensor.longs(1);
        DeviceTensor longOnDevice = DeviceTensor.longs(session, 1)) {
      short[] bits = {0x3c00, (short) 0xc000, 0x7bff, 1}; // 1, -2, 65504, the least subnormal
      halves.halves().put(bits);
      onDevice.upload(halves);
      onDevice.download(halvesBack);
      short[] back = new short[4];
      halvesBack.halves().get(back);
      assertArrayEquals(bits, back);
      longs.longs().put(1L << 40);
      longOnDevice.upload(longs);
      longOnDevice.download(longsBack);
      assertEquals(1L << 40, longsBack.longs().get(0));
    }
  }

  @Test
  void pinnedTensorsAreRunFromAndStartAsZeros() {
    try (Session session = doubling();
        HostTensor in = HostTensor.pinnedFloats(session, 4);
        HostTensor out = HostTensor.pinnedFloats(session, 4)) {
      assertArrayEquals(new float[4], values(in, 4));
      in.floats().put(1, 5);
      session.run(Map.of("x", in), Map.of("y", out));
      assertArrayEquals(new float[] {0, 10, 0, 0}, values(out, 4));
    }
  }

  @Test
  void tensorsEndWithTheirSession() {
    Session session = doubling();
    DeviceTensor left = DeviceTensor.floats(session, 3);
    HostTensor pinned = HostTensor.pinnedFloats(session, 3);
    DeviceTensor closed = DeviceTensor.floats(session, 3);
    closed.close();
    session.close();
    left.close();
    assertThrows(IllegalStateException.class, left::view);
    assertThrows(IllegalStateException.class, pinned::floats);
    assertThrows(IllegalStateException.class, () -> DeviceTensor.floats(session, 3));
  }

  @Test
  void copiesBetweenTensorsThatDifferAreRefused() {
    try (Session session = doubling();
        DeviceTensor three = DeviceTensor.floats(session, 3);
        HostTensor four = HostTensor.floats(4);
        HostTensor longs = HostTensor.longs(3)) {
      assertEquals(
          "a tensor of shape [3] cannot be copied from or to one of shape [4]",
          assertThrows(IllegalArgumentException.class, () -> three.upload(four)).getMessage());
      assertEquals(
          "a tensor of shape [3] cannot be copied from or to one of shape [3] and another type",
          assertThrows(IllegalArgumentException.class, () -> three.download(longs))
              .getMessage());
    }
  }
}
