package x3d;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.simpleName;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Dependencies point downwards only, and each outside library has one package that knows it. */
@AnalyzeClasses(
    packages = "x3d",
    importOptions = {DoNotIncludeTests.class, ArchitectureTest.DoNotIncludeTestJars.class})
class ArchitectureTest {
  /** From the phase package on, model's tests are seen in a jar, which {@link DoNotIncludeTests} does not know. */
  static final class DoNotIncludeTestJars implements ImportOption {
    @Override
    public boolean includes(Location location) {
      return !location.contains("-tests.jar");
    }
  }

  @ArchTest
  static final ArchRule DEPENDENCIES_POINT_DOWN = layeredArchitecture()
      .consideringOnlyDependenciesInLayers()
      .layer("graph")
      .definedBy("x3d.graph..")
      .layer("grad")
      .definedBy("x3d.grad..")
      .layer("weights")
      .definedBy("x3d.weights..")
      .layer("net")
      .definedBy("x3d.net..")
      .layer("runtime")
      .definedBy("x3d.runtime..")
      .layer("video")
      .definedBy("x3d.video..")
      .layer("classify")
      .definedBy("x3d.classify..")
      .layer("collective")
      .definedBy("x3d.collective..")
      .layer("profile")
      .definedBy("x3d.profile..")
      .layer("train")
      .definedBy("x3d.train..")
      .layer("serve")
      .definedBy("x3d.serve..")
      .layer("tools")
      .definedBy("x3d.tools..")
      .whereLayer("graph")
      .mayOnlyBeAccessedByLayers("grad", "net", "tools")
      .whereLayer("grad")
      .mayOnlyBeAccessedByLayers("net")
      .whereLayer("net")
      .mayOnlyBeAccessedByLayers("classify", "train", "tools")
      .whereLayer("runtime")
      .mayOnlyBeAccessedByLayers("classify", "profile", "train", "serve", "tools")
      .whereLayer("profile")
      .mayOnlyBeAccessedByLayers("train", "tools")
      .whereLayer("video")
      .mayOnlyBeAccessedByLayers("classify", "train", "serve", "tools")
      .whereLayer("classify")
      .mayOnlyBeAccessedByLayers("serve", "tools")
      .whereLayer("collective")
      .mayOnlyBeAccessedByLayers("train", "tools")
      .whereLayer("train")
      .mayOnlyBeAccessedByLayers("tools")
      .whereLayer("serve")
      .mayOnlyBeAccessedByLayers("tools")
      .whereLayer("tools")
      .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule WEIGHTS_STAND_ALONE = noClasses()
      .that()
      .resideInAPackage("x3d.weights..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("x3d.graph..", "x3d.grad..", "x3d.net..", "x3d.runtime..", "x3d.video..");

  @ArchTest
  static final ArchRule ONLY_RUNTIME_TOUCHES_THE_BINDINGS = noClasses()
      .that()
      .resideOutsideOfPackage("x3d.runtime..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("org.bytedeco.onnxruntime..");

  @ArchTest
  static final ArchRule KERNELS_STAND_ALONE = noClasses()
      .that()
      .resideInAPackage("x3d.kernel..")
      .should()
      .dependOnClassesThat(resideInAPackage("x3d..").and(not(resideInAPackage("x3d.kernel.."))));

  @ArchTest
  static final ArchRule ONLY_RUNTIME_CALLS_KERNELS = noClasses()
      .that()
      .resideOutsideOfPackages("x3d.runtime..", "x3d.kernel..")
      .should()
      .dependOnClassesThat(resideInAPackage("x3d.kernel..").and(not(simpleName("MachinePeak"))))
      .because("only what the machine can do at best is of interest to a roofline as well");

  @ArchTest
  static final ArchRule ONLY_KERNELS_ARE_VECTOR_CODE = noClasses()
      .that()
      .resideOutsideOfPackage("x3d.kernel..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("jdk.incubator.vector..");

  @ArchTest
  static final ArchRule ONLY_VIDEO_TOUCHES_FFMPEG = noClasses()
      .that()
      .resideOutsideOfPackage("x3d.video..")
      .should()
      .dependOnClassesThat()
      .resideInAnyPackage("org.bytedeco.ffmpeg..", "org.bytedeco.javacv..");

  @ArchTest
  static final ArchRule COLLECTIVES_STAND_ALONE = noClasses()
      .that()
      .resideInAPackage("x3d.collective..")
      .should()
      .dependOnClassesThat(
          resideInAPackage("x3d..").and(not(resideInAPackage("x3d.collective.."))));

  @ArchTest
  static final ArchRule PROFILES_KNOW_THE_RUNTIME_ALONE = noClasses()
      .that()
      .resideInAPackage("x3d.profile..")
      .should()
      .dependOnClassesThat(resideInAPackage("x3d..")
          .and(not(resideInAPackage("x3d.profile..")))
          .and(not(resideInAPackage("x3d.runtime.."))));

  @ArchTest
  static final ArchRule ONLY_COLLECTIVES_AND_RUNTIME_TOUCH_JNA = noClasses()
      .that()
      .resideOutsideOfPackages("x3d.collective..", "x3d.runtime..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("com.sun.jna..");

  @ArchTest
  static final ArchRule CLIENTS_DO_NOT_KNOW_THE_SERVER = noClasses()
      .that()
      .resideInAPackage("x3d.serve.client..")
      .should()
      .dependOnClassesThat(
          resideInAPackage("x3d.serve..").and(not(resideInAPackage("x3d.serve.client.."))));

  @ArchTest
  static final ArchRule ONLY_THE_SERVER_KNOWS_HTTP = noClasses()
      .that()
      .resideOutsideOfPackage("x3d.serve..")
      .should()
      .dependOnClassesThat()
      .resideInAPackage("io.javalin..");
}
