package org.tiexec.helper.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code helper/bin/helper} in a copy of the project, with a java and an mvn that only say what they were asked. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LauncherTest {
    private static final String BUILDING_MVN = """
            #!/bin/sh
            echo "mvn $* in $PWD" >>"$BUILD_LOG"
            sleep 0.3
            mkdir -p helper/target/lib/jni/x86_64-Linux
            touch helper/target/tiexec-helper.jar helper/target/lib/jni/x86_64-Linux/libjffi-1.2.so
            """;

    private static final String BUILD =
            "-B -q -DskipTests -Dmaven.jar.forceCreation=true -pl helper,tracer -am package";

    @TempDir
    private Path directory = Path.of("");

    private ProjectCopy copy = new ProjectCopy(directory);

    @BeforeEach
    void copyTheProject() throws Exception {
        copy = ProjectCopy.in(directory);
    }

    @Test
    void becomesTheJavaOfJavaHome() throws Exception {
        copy.built();
        Path home = copy.jdk("jdk", "17.0.9");
        ProjectCopy.Result result = copy.run(Map.of("JAVA_HOME", home.toString()), "plan", "--elf=a file");
        assertThat(result.status()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out())
                .startsWith("java " + home + "/bin/java\n")
                .contains(
                        "argument -Djffi.boot.library.path=" + copy.project() + "/helper/target/lib/jni/x86_64-Linux\n",
                        "argument -jar\nargument " + copy.project() + "/helper/target/tiexec-helper.jar\n"
                                + "argument plan\nargument --elf=a file\n");
    }

    /** The collector with which each starts fastest. */
    @ParameterizedTest
    @CsvSource({"17.0.9, G1", "20.0.2, G1", "21.0.2, Serial", "25, Serial"})
    void choosesTheCollectorByTheVersion(String version, String collector) throws Exception {
        copy.built();
        ProjectCopy.Result result =
                copy.run(Map.of("JAVA_HOME", copy.jdk("jdk", version).toString()));
        assertThat(result.out().lines().filter(line -> line.matches("argument -XX:\\+Use.*GC")))
                .containsExactly("argument -XX:+Use" + collector + "GC");
    }

    @Test
    void worksThroughLinksFromAnywhere() throws Exception {
        copy.built();
        Path bin = Files.createDirectories(directory.resolve("usr/local/bin"));
        Files.createSymbolicLink(bin.resolve("first"), Path.of("second"));
        Files.createSymbolicLink(bin.resolve("second"), Path.of("../../../the project/helper/bin/helper"));
        ProjectCopy.Result result = copy.runAs(
                bin.resolve("first"), Map.of("JAVA_HOME", copy.jdk("jdk", "25").toString()), "--version");
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).contains("argument " + copy.project() + "/helper/target/tiexec-helper.jar\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.8.0_392", "11.0.2", "16"})
    void takesTheJavaOnPathWhenJavaHomeIsTooOld(String version) throws Exception {
        copy.built();
        Path onPath = copy.jdk("new", "21.0.2");
        Files.createSymbolicLink(copy.tools().resolve("java"), onPath.resolve("bin/java"));
        ProjectCopy.Result result =
                copy.run(Map.of("JAVA_HOME", copy.jdk("old", version).toString()));
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("java " + onPath + "/bin/java\n");
    }

    @Test
    void asksJavaItselfWhereNoFileTellsItsVersion() throws Exception {
        copy.built();
        Path home = copy.jdk("jdk", "");
        Files.delete(home.resolve("release"));
        ProjectCopy.Result result = copy.run(Map.of("JAVA_HOME", home.toString()));
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("java " + home + "/bin/java\n");
    }

    @Test
    void saysWhatIsMissingAndHowToGetIt() throws Exception {
        copy.built();
        ProjectCopy.Result result = copy.run(Map.of());
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("helper: no Java 17 or later; on Debian: apt-get install openjdk-17-jre-headless\n");
    }

    @Test
    void saysWhyTheJavaThatIsThereWillNotDo() throws Exception {
        copy.built();
        Path old = copy.jdk("old", "11.0.2");
        Files.createSymbolicLink(copy.tools().resolve("java"), old.resolve("bin/java"));
        ProjectCopy.Result result = copy.run(Map.of("JAVA_HOME", "/nonexistent"));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .isEqualTo("helper: no Java 17 or later (" + copy.tools() + "/java is version 11);"
                        + " on Debian: apt-get install openjdk-17-jre-headless\n");
    }

    @Test
    void doesNotLetRootRunTheJavaOfSomeoneElse() throws Exception {
        copy.built();
        Path foreign = copy.jdk("foreign", "17.0.9");
        assumeTrue(ProjectCopy.isRoot(), "only root can give a file away");
        Files.setAttribute(foreign.resolve("bin/java"), "unix:uid", 65534);
        Path own = copy.jdk("own", "17.0.9");
        Files.createSymbolicLink(copy.tools().resolve("java"), own.resolve("bin/java"));
        ProjectCopy.Result result = copy.run(Map.of("JAVA_HOME", foreign.toString()));
        assertThat(result.err())
                .isEqualTo("helper: ignoring JAVA_HOME=" + foreign
                        + ": root does not own its bin/java (chown root, or unset JAVA_HOME)\n");
        assertThat(result.out()).startsWith("java " + own + "/bin/java\n");
    }

    @Test
    void keepsFromTheJvmWhatIsMeantForOthers() throws Exception {
        copy.built();
        ProjectCopy.Result result = copy.run(Map.of(
                "JAVA_HOME", copy.jdk("jdk", "17").toString(),
                "JAVA_TOOL_OPTIONS", "-Xmx1g",
                "JDK_JAVA_OPTIONS", "-Xmx1g",
                "_JAVA_OPTIONS", "-Xmx1g",
                "CLASSPATH", "/elsewhere",
                "LD_LIBRARY_PATH", "/elsewhere"));
        assertThat(result.out()).doesNotContain("-Xmx1g", "/elsewhere");
    }

    @Test
    void buildsOnFirstUse() throws Exception {
        copy.mvn(BUILDING_MVN);
        Map<String, String> environment =
                Map.of("JAVA_HOME", copy.jdk("jdk", "17").toString());
        ProjectCopy.Result first = copy.run(environment);
        assertThat(first.err())
                .isEqualTo("helper: building in " + copy.project() + ", this once; it takes about a minute\n");
        assertThat(first.out()).startsWith("java ");
        ProjectCopy.Result second = copy.run(environment);
        assertThat(second.err()).isEmpty();
        assertThat(Files.readString(copy.log())).isEqualTo("mvn " + BUILD + " in " + copy.project() + "\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void buildsOnceWhenItIsUsedTwiceAtTheSameTime(boolean withFlock) throws Exception {
        copy.mvn(BUILDING_MVN);
        if (!withFlock) {
            Files.delete(copy.tools().resolve("flock"));
        }
        Map<String, String> environment =
                Map.of("JAVA_HOME", copy.jdk("jdk", "17").toString());
        Process first = copy.start(copy.project().resolve("helper/bin/helper"), environment);
        Process second = copy.start(copy.project().resolve("helper/bin/helper"), environment);
        assertThat(ProjectCopy.Result.of(first).out()).startsWith("java ");
        assertThat(ProjectCopy.Result.of(second).out()).startsWith("java ");
        assertThat(Files.readAllLines(copy.log())).hasSize(1);
        assertThat(copy.project().resolve("target/build.lock")).doesNotExist();
    }

    @Test
    void buildsAnewWhatWasBrokenOff() throws Exception {
        copy.built();
        Files.createDirectories(copy.project().resolve("target"));
        Files.createFile(copy.project().resolve("target/unfinished"));
        Path half = Files.createFile(copy.project().resolve("helper/target/half"));
        copy.mvn(BUILDING_MVN);
        Map<String, String> environment =
                Map.of("JAVA_HOME", copy.jdk("jdk", "17").toString());
        assertThat(copy.run(environment).out()).startsWith("java ");
        assertThat(half).doesNotExist();
        assertThat(copy.run(environment).err()).isEmpty();
        assertThat(Files.readAllLines(copy.log())).hasSize(1);
    }

    @Test
    void doesNotWaitForeverForALockThatNobodyHolds() throws Exception {
        copy.mvn(BUILDING_MVN);
        Files.delete(copy.tools().resolve("flock"));
        Path lock = Files.createDirectories(copy.project().resolve("target/build.lock"));
        ProjectCopy.Result result =
                copy.run(Map.of("JAVA_HOME", copy.jdk("jdk", "17").toString(), "TIEXEC_PATIENCE", "1"));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .endsWith("helper: waited in vain for another build in " + copy.project() + "; if there is none: rmdir "
                        + lock + "\n");
    }

    @Test
    void saysThatTheBuildFailed() throws Exception {
        copy.mvn("#!/bin/sh\necho '[ERROR] no network'\necho '[ERROR] and so on'\nexit 1\n");
        ProjectCopy.Result result =
                copy.run(Map.of("JAVA_HOME", copy.jdk("jdk", "17").toString()));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err().lines())
                .hasSize(2)
                .endsWith("helper: the build failed (no network); see " + copy.project() + "/target/build.log, then: "
                        + copy.project() + "/helper/bin/helper --version");
        assertThat(copy.project().resolve("target/build.log")).hasContent("[ERROR] no network\n[ERROR] and so on\n");
    }

    @Test
    void saysThatTheBuildMadeTooLittle() throws Exception {
        copy.mvn("#!/bin/sh\nmkdir -p helper/target\n");
        ProjectCopy.Result result =
                copy.run(Map.of("JAVA_HOME", copy.jdk("jdk", "17").toString()));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.err())
                .endsWith("helper: the build has not made " + copy.project()
                        + "/helper/target/tiexec-helper.jar; try: cd " + copy.project()
                        + " && mvn clean package -DskipTests\n");
    }

    @Test
    void saysWhatTheBuildNeeds() throws Exception {
        Path home = copy.jdk("jdk", "17");
        ProjectCopy.Result withoutMaven = copy.run(Map.of("JAVA_HOME", home.toString()));
        assertThat(withoutMaven.status()).isEqualTo(1);
        assertThat(withoutMaven.err())
                .isEqualTo("helper: not built yet, and there is no mvn; on Debian:"
                        + " apt-get install maven openjdk-17-jdk-headless\n");
        copy.mvn(BUILDING_MVN);
        Files.delete(home.resolve("bin/javac"));
        ProjectCopy.Result withoutCompiler = copy.run(Map.of("JAVA_HOME", home.toString()));
        assertThat(withoutCompiler.status()).isEqualTo(1);
        assertThat(withoutCompiler.err())
                .isEqualTo("helper: not built yet, and " + home + " has no javac; on Debian:"
                        + " apt-get install maven openjdk-17-jdk-headless\n");
    }
}
