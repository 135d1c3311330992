package org.tiexec.it;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.NullMarked;

/** The shape of the project: who may know whom. */
@AnalyzeClasses(packages = "org.tiexec", importOptions = ArchitectureTest.WithoutTests.class)
final class ArchitectureTest {
    /** From the top down; nobody may know who stands above. Those of one line may know each other. */
    private static final List<List<String>> TRACER_LAYERS = List.of(
            List.of("cli"),
            List.of("launch"),
            List.of("signal"),
            List.of("attach"),
            List.of("follow"),
            List.of("swap"),
            List.of("remote"),
            List.of("obstacle"),
            List.of("target"),
            List.of("archive", "helper", "program"),
            List.of("arch"),
            List.of("sys"));

    private static final List<List<String>> HELPER_LAYERS = List.of(
            List.of("cli"),
            List.of("planner", "snapshot"),
            List.of("backing", "region", "strategy"),
            List.of("proc"),
            List.of("sys"));

    /** Keeps the tests of every module out. */
    static final class WithoutTests implements ImportOption {
        private final ImportOption withoutTests = new DoNotIncludeTests();

        @Override
        public boolean includes(Location location) {
            return withoutTests.includes(location) && !location.contains("/org/tiexec/it/");
        }
    }

    @ArchTest
    static final ArchRule tracerNeverSeesHelper = noClasses()
            .that()
            .resideInAPackage("org.tiexec.tracer..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.tiexec.helper..");

    @ArchTest
    static final ArchRule helperNeverSeesTracer = noClasses()
            .that()
            .resideInAPackage("org.tiexec.helper..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("org.tiexec.tracer..");

    @ArchTest
    static final ArchRule protocolSeesNeither = noClasses()
            .that()
            .resideInAPackage("org.tiexec.protocol..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("org.tiexec.tracer..", "org.tiexec.helper..");

    @ArchTest
    static final ArchRule nativeCallsAreMadeInSysOnly = noClasses()
            .that()
            .resideOutsideOfPackages("org.tiexec.tracer.sys", "org.tiexec.helper.sys")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("jnr..", "com.kenai.jffi..", "sun.misc..");

    @ArchTest
    static final ArchRule protocolNeedsNothingButTheCoreOfJackson = classes()
            .that()
            .resideInAPackage("org.tiexec.protocol..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("java..", "org.tiexec.protocol..", "org.jspecify..", "com.fasterxml.jackson.core..");

    /** Starting them costs a launch 100 to 200 ms. */
    @ArchTest
    static final ArchRule theLaunchPathLoadsNoHeavyLibrary = noClasses()
            .that()
            .resideOutsideOfPackages("..cli..", "org.tiexec.packaging")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("picocli..", "com.fasterxml.jackson.databind..", "jnr.posix..");

    @ArchTest
    static final ArchRule protocolHasNoCycles =
            slices().matching("org.tiexec.protocol.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule tracerHasNoCycles =
            slices().matching("org.tiexec.tracer.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule helperHasNoCycles =
            slices().matching("org.tiexec.helper.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule registersAreHandledByTheArchitectureAndPassedOnByThoseWhoStopThreads = noClasses()
            .that()
            .resideOutsideOfPackages("org.tiexec.tracer.arch", "org.tiexec.tracer.target", "org.tiexec.tracer.remote")
            .should()
            .accessClassesThat()
            .haveFullyQualifiedName("org.tiexec.tracer.arch.Registers");

    @ArchTest
    static final ArchRule noStateIsStatic = fields().that().areStatic().should().beFinal();

    @ArchTest
    static void tracerDependsDownwardsOnly(JavaClasses all) {
        assertLayered("org.tiexec.tracer", TRACER_LAYERS, all);
    }

    @ArchTest
    static void helperDependsDownwardsOnly(JavaClasses all) {
        assertLayered("org.tiexec.helper", HELPER_LAYERS, all);
    }

    private static void assertLayered(String root, List<List<String>> layers, JavaClasses all) {
        Set<String> known = layers.stream()
                .flatMap(List::stream)
                .map(name -> root + "." + name)
                .collect(Collectors.toSet());
        assertThat(packages(all).filter(name -> name.startsWith(root))).isSubsetOf(known);
        for (int layer = 1; layer < layers.size(); layer++) {
            noClasses()
                    .that()
                    .resideInAnyPackage(inPackages(root, layers.subList(layer, layer + 1)))
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(inPackages(root, layers.subList(0, layer)))
                    .check(all);
        }
    }

    private static String[] inPackages(String root, List<List<String>> layers) {
        return layers.stream()
                .flatMap(List::stream)
                .map(name -> root + "." + name + "..")
                .toArray(String[]::new);
    }

    @ArchTest
    static void everyPackageIsNullMarked(JavaClasses all) {
        assertThat(all)
                .extracting(JavaClass::getPackage)
                .isNotEmpty()
                .allSatisfy((JavaPackage each) -> assertThat(each.isAnnotatedWith(NullMarked.class))
                        .as(each.getName())
                        .isTrue());
    }

    private static java.util.stream.Stream<String> packages(JavaClasses all) {
        return all.stream().map(JavaClass::getPackageName).distinct();
    }
}
