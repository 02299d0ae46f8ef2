package x3d.serve;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;

/** Clients that ask a server one request after the other, each coming again when it is told to. */
final class Load {
  /**
   * What they saw.
   *
   * @param statuses how often each was answered; 0 is a connection that was closed or refused
   * @param times seconds of the requests that were answered 200, from sending to the answer, in ascending order
   * @param seconds from the first request to the last answer
   */
  record Seen(Map<Integer, Integer> statuses, List<Double> times, double seconds) {
    /** Answers a second. */
    double rate() {
      return times.size() / seconds;
    }

    /** The time that a share of the requests kept. */
    double time(double share) {
      return times.get((int) Math.ceil(share * times.size()) - 1);
    }

    int count(int status) {
      return statuses.getOrDefault(status, 0);
    }
  }

  private final Asking ask;
  private final String path;
  private final List<byte[]> videos;
  private final Map<Integer, Integer> statuses = new TreeMap<>();
  private final List<Double> times = new ArrayList<>();
  private int next;

  /** @param path of the requests, each with one of the videos in turn */
  Load(Asking ask, String path, List<byte[]> videos) {
    this.ask = ask;
    this.path = path;
    this.videos = videos;
  }

  /** Has so many requests answered 200 or given up. */
  Seen run(int clients, int requests) throws Exception {
    return run(clients, number -> number < requests);
  }

  /** @param wanted whether the request of a number, from 0 on, is to be sent */
  Seen run(int clients, IntPredicate wanted) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients);
    long began = System.nanoTime();
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < clients; i++) {
      running.add(threads.submit(() -> client(wanted)));
    }
    threads.shutdown();
    try {
      for (Future<?> one : running) {
        one.get(2, TimeUnit.MINUTES);
      }
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause());
    } finally {
      threads.shutdownNow();
    }
    synchronized (this) {
      return new Seen(
          Map.copyOf(statuses),
          times.stream().sorted().toList(),
          Duration.ofNanos(System.nanoTime() - began).toNanos() / 1e9);
    }
  }

  /** How many were answered with a status so far. */
  synchronized int count(int status) {
    return statuses.getOrDefault(status, 0);
  }

  private synchronized int number() {
    return next++;
  }

  private synchronized void saw(int status, double seconds) {
    statuses.merge(status, 1, Integer::sum);
    if (status == 200) {
      times.add(seconds);
    }
  }

  private Void client(IntPredicate wanted) throws Exception {
    for (int number = number(); wanted.test(number); number = number()) {
      byte[] video = videos.get(number % videos.size());
      while (true) {
        long began = System.nanoTime();
        HttpResponse<String> answer;
        try {
          answer = ask.post(path, "video/mp4", video);
        } catch (java.io.IOException e) {
          saw(0, 0);
          break;
        }
        saw(answer.statusCode(), (System.nanoTime() - began) / 1e9);
        if (answer.statusCode() != 503) {
          break;
        }
        Thread.sleep(1000 * answer.headers().firstValueAsLong("Retry-After").orElseThrow());
      }
    }
    return null;
  }
}
