package x3d.tools.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import x3d.tools.run.RunFacts.State;

class RunFactsTest {
  private final RunFacts facts = new RunFacts();

  private void log(String... lines) throws IOException {
    for (String line : lines) {
      facts.logged(new ObjectMapper().readTree("{\"_type\":" + line.replace('\'', '"') + "}"));
    }
  }

  private void twoEpochs() throws IOException {
    log(
        "'run','epoch':0,'epochs':3,'iterations':2",
        "'train_iter','epoch':1,'iteration':2,'resident_bytes':5,'wall_time':1.5",
        "'overflow','epoch':1,'iteration':2,'overflows':1",
        "'train_epoch','epoch':1,'loss':2.0",
        "'val_epoch','epoch':1,'top1_err':50.0,'wall_time':2.5",
        "'video_replaced','video':'a.mp4','reason':'a.mp4: broken'",
        "'overflow','epoch':2,'iteration':1,'overflows':2",
        "'train_iter','epoch':2,'iteration':2,'resident_bytes':3,'wall_time':3.5",
        "'train_epoch','epoch':2,'loss':1.0",
        "'val_epoch','epoch':2,'top1_err':60.0,'wall_time':4.5");
  }

  @Test
  void sumsUpWhatARunSaid() throws IOException {
    assertEquals(State.STARTING, facts.state());
    twoEpochs();
    assertEquals(State.TRAINING, facts.state());
    assertEquals(Set.of(1, 2), facts.epochs().keySet());
    assertEquals(60, facts.validations().lastEntry().getValue().get("top1_err").asDouble());
    assertEquals(1, facts.bestValidation().orElseThrow().get("epoch").asInt());
    assertEquals(2, facts.overflows().size());
    assertEquals(Map.of("a.mp4", "a.mp4: broken"), facts.replaced());
    assertEquals(4.5, facts.wallSeconds());
    assertEquals(5, facts.mostResidentBytes().orElseThrow());
    log("'model','file':'m.onnx','wall_time':5.0");
    assertEquals(State.FINISHED, facts.state());
  }

  @Test
  void whatAResumedRunWillDoAgainIsForgotten() throws IOException {
    twoEpochs();
    log("'resumed','epoch':1,'iteration':0", "'run','epoch':1,'epochs':3,'iterations':2");
    assertEquals(Set.of(1), facts.epochs().keySet());
    assertEquals(Set.of(1), facts.validations().keySet());
    assertEquals(1, facts.overflows().size());
    assertTrue(facts.iteration().isEmpty());
    assertEquals(2, facts.starts());
    assertEquals(State.TRAINING, facts.state());
  }

  @Test
  void aRunKilledBeforeItsFirstCheckpointCountsForNothing() throws IOException {
    twoEpochs();
    log("'run','epoch':0,'epochs':3,'iterations':2");
    assertTrue(facts.epochs().isEmpty());
    assertTrue(facts.overflows().isEmpty());
    assertTrue(facts.replaced().isEmpty());
    assertEquals(0, facts.wallSeconds());
  }

  @Test
  void anErrorThatIsNoNumberIsNotTheBest() throws IOException {
    log("'val_epoch','epoch':1,'top1_err':'NaN'", "'val_epoch','epoch':2,'top1_err':70.0");
    assertEquals(2, facts.bestValidation().orElseThrow().get("epoch").asInt());
  }
}
