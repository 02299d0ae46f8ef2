package x3d.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WorkersTest {
  @Test
  void anInterruptedCallerStillWaitsForEveryTask() {
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch go = new CountDownLatch(1);
    try (Workers workers = new Workers(3)) {
      Thread caller = Thread.currentThread();
      new Thread(() -> {
            while (caller.getState() != Thread.State.WAITING) {
              Thread.onSpinWait();
            }
            caller.interrupt();
            go.countDown();
          })
          .start();
      TrainingException e = assertThrows(
          TrainingException.class,
          () -> workers.each(3, i -> {
            awaitQuietly(go);
            ended.incrementAndGet();
          }));
      assertEquals("interrupted", e.getMessage());
      assertEquals(3, ended.get());
      assertTrue(Thread.interrupted());
    }
  }

  @Test
  void aFailureIsThrownOnlyWhenAllHaveEnded() {
    AtomicInteger ended = new AtomicInteger();
    CountDownLatch failed = new CountDownLatch(1);
    try (Workers workers = new Workers(2)) {
      assertThrows(
          IllegalArgumentException.class,
          () -> workers.each(2, i -> {
            if (i == 0) {
              failed.countDown();
              throw new IllegalArgumentException("first");
            }
            awaitQuietly(failed);
            ended.incrementAndGet();
          }));
      assertEquals(1, ended.get());
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
