package x3d.collective;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;

/**
 * The exchange of vectors, first within hosts and then between them or the other way round, in chunks.
 *
 * <p>Ranks of equal local number form a column. Within a host, each rank collects the slices of its column from the others; so
 * what it has then is what its column exchanges between hosts. At each step the hosts turn to different hosts, so that none is
 * sent to by all at once.
 */
final class Hierarchy implements AutoCloseable {
  /** Messages of different operations never meet. */
  private static final int REDUCE_SCATTER = 1;

  private static final int ALL_GATHER = 2;

  /** The most that is kept for what others send, in floats: 32 MiB. */
  private static final int MOST_SCRATCH = 1 << 23;

  private final Topology topology;
  private final int rank;
  private final int hosts;
  private final int host;
  private final int locals;
  private final int local;
  private final int chunk;
  private final Adder adder = new Adder();
  private final Exchange[] within = new Exchange[2];
  private final Exchange[] across = new Exchange[2];
  private final Memory scratch;
  private final FloatBuffer received;

  Hierarchy(MpiLibrary mpi, int rank, Topology topology, Mpi.Settings settings) {
    this.topology = topology;
    this.rank = rank;
    hosts = topology.hosts();
    host = topology.host(rank);
    locals = topology.localSize(rank);
    local = topology.localRank(rank);
    for (int i = 0; i < 2; i++) {
      within[i] = new Exchange(mpi, rank, settings.stallLimit(), 2 * (locals - 1));
      across[i] = new Exchange(mpi, rank, settings.stallLimit(), 2 * (hosts - 1));
    }
    // Of each of the others two chunks: one that comes, one that is summed.
    int chunks = Math.max(1, 2 * (locals - 1 + hosts - 1));
    chunk = Math.max(1, Math.min(settings.chunk(), MOST_SCRATCH / chunks));
    scratch = new Memory((long) chunks * chunk * Float.BYTES);
    received =
        scratch.getByteBuffer(0, scratch.size()).order(ByteOrder.nativeOrder()).asFloatBuffer();
  }

  /** A piece of a rank's slice, where it begins in the vector and how long it is; of the last chunks perhaps nothing. */
  private record Piece(int from, int length) {
    Pointer in(Pointer vector) {
      return vector.share((long) from * Float.BYTES);
    }
  }

  private Piece piece(Partition partition, int owner, int number) {
    long start = Math.min((long) number * chunk, partition.length(owner));
    int length = (int) Math.min(chunk, partition.length(owner) - start);
    return new Piece(partition.from(owner) + (int) start, length);
  }

  private int chunks(Partition partition) {
    int longest = 0;
    for (int owner = 0; owner < partition.ranks(); owner++) {
      longest = Math.max(longest, partition.length(owner));
    }
    return (int) (((long) longest + chunk - 1) / chunk);
  }

  /** Where in {@link #received} a chunk of another rank of this host goes. */
  private int slotWithin(int parity, int other) {
    return (parity * (locals - 1) + (other < local ? other : other - 1)) * chunk;
  }

  /** Where in {@link #received} a chunk of another host goes. */
  private int slotAcross(int parity, int other) {
    return (2 * (locals - 1) + parity * (hosts - 1) + (other < host ? other : other - 1)) * chunk;
  }

  private Pointer scratch(int slot) {
    return scratch.share((long) slot * Float.BYTES);
  }

  /** The host whose slices are summed at a step; a host's own last, when its sums have gone to the others. */
  private int target(int step) {
    return (host + 1 + step % hosts) % hosts;
  }

  void reduceScatter(FloatBuffer vector, Pointer address, Partition partition, FloatBuffer own) {
    int chunks = chunks(partition);
    int steps = chunks * hosts;
    if (steps > 0) {
      collect(address, partition, 0);
    }
    for (int step = 0; step < steps; step++) {
      if (step + 1 < steps) {
        collect(address, partition, step + 1);
      }
      within[step % 2].await("reduce-scatter");
      int number = step / hosts;
      int owner = topology.rank(target(step), local);
      Piece piece = piece(partition, owner, number);
      if (hosts == 1) {
        sumWithin(vector, piece, step % 2, own, number * chunk);
        continue;
      }
      sumWithin(vector, piece, step % 2, vector, piece.from());
      if (step % hosts == 0) {
        receiveSums(partition, number);
      }
      if (owner != rank) {
        send(across[number % 2], address, piece, owner, REDUCE_SCATTER);
      } else if (number > 0) {
        sumAcross(vector, partition, number - 1, own);
      }
    }
    if (hosts > 1 && chunks > 0) {
      sumAcross(vector, partition, chunks - 1, own);
    }
  }

  /** Begins the exchange, between the ranks of this host, of a step's pieces. */
  private void collect(Pointer address, Partition partition, int step) {
    int number = step / hosts;
    int length = piece(partition, topology.rank(target(step), local), number).length();
    Exchange exchange = within[step % 2];
    for (int other = 0; other < locals; other++) {
      if (other != local) {
        int peer = topology.rank(host, other);
        receive(exchange, scratch(slotWithin(step % 2, other)), length, peer, REDUCE_SCATTER);
        send(
            exchange,
            address,
            piece(partition, topology.rank(target(step), other), number),
            peer,
            REDUCE_SCATTER);
      }
    }
  }

  private void sumWithin(FloatBuffer vector, Piece piece, int parity, FloatBuffer to, int at) {
    Adder.Part[] parts = new Adder.Part[locals];
    for (int other = 0; other < locals; other++) {
      parts[other] = other == local
          ? new Adder.Part(vector, piece.from())
          : new Adder.Part(received, slotWithin(parity, other));
    }
    adder.sum(parts, to, at, piece.length());
  }

  private void receiveSums(Partition partition, int number) {
    int length = piece(partition, rank, number).length();
    for (int other = 0; other < hosts; other++) {
      if (other != host) {
        receive(
            across[number % 2],
            scratch(slotAcross(number % 2, other)),
            length,
            topology.rank(other, local),
            REDUCE_SCATTER);
      }
    }
  }

  private void sumAcross(FloatBuffer vector, Partition partition, int number, FloatBuffer own) {
    across[number % 2].await("reduce-scatter");
    Piece piece = piece(partition, rank, number);
    Adder.Part[] parts = new Adder.Part[hosts];
    for (int other = 0; other < hosts; other++) {
      parts[other] = other == host
          ? new Adder.Part(vector, piece.from())
          : new Adder.Part(received, slotAcross(number % 2, other));
    }
    adder.sum(parts, own, number * chunk, piece.length());
  }

  void allGather(Pointer address, Partition partition) {
    int steps = chunks(partition) * hosts;
    for (int step = 0; step < steps; step++) {
      if (step == 0) {
        swap(address, partition, 0);
      }
      if (step + 1 < steps) {
        swap(address, partition, step + 1);
      }
      across[step % 2].await("all-gather");
      within[step % 2].await("all-gather");
      spread(address, partition, step);
    }
    within[0].await("all-gather");
    within[1].await("all-gather");
  }

  /** Begins the exchange of a step's own pieces between hosts; there is none at the steps of a host's own. */
  private void swap(Pointer address, Partition partition, int step) {
    int distance = step % hosts;
    if (distance != 0) {
      int number = step / hosts;
      int to = topology.rank((host + distance) % hosts, local);
      int from = topology.rank((host - distance + hosts) % hosts, local);
      receive(across[step % 2], address, piece(partition, from, number), from, ALL_GATHER);
      send(across[step % 2], address, piece(partition, rank, number), to, ALL_GATHER);
    }
  }

  /** Begins the exchange, between the ranks of this host, of the pieces that they have got in a step. */
  private void spread(Pointer address, Partition partition, int step) {
    int number = step / hosts;
    int source = (host - step % hosts + hosts) % hosts;
    for (int other = 0; other < locals; other++) {
      if (other != local) {
        int peer = topology.rank(host, other);
        Exchange exchange = within[step % 2];
        receive(
            exchange,
            address,
            piece(partition, topology.rank(source, other), number),
            peer,
            ALL_GATHER);
        send(
            exchange,
            address,
            piece(partition, topology.rank(source, local), number),
            peer,
            ALL_GATHER);
      }
    }
  }

  private static void receive(Exchange exchange, Pointer address, Piece piece, int from, int tag) {
    receive(exchange, piece.in(address), piece.length(), from, tag);
  }

  private static void receive(Exchange exchange, Pointer into, int length, int from, int tag) {
    if (length > 0) {
      exchange.receive(into, length, from, tag);
    }
  }

  private static void send(Exchange exchange, Pointer address, Piece piece, int to, int tag) {
    if (piece.length() > 0) {
      exchange.send(piece.in(address), piece.length(), to, tag);
    }
  }

  @Override
  public void close() {
    for (int i = 0; i < 2; i++) {
      within[i].close();
      across[i].close();
    }
    scratch.close();
  }
}
