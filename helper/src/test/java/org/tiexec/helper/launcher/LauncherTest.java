package org.tiexec.helper.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;

/** {@code helper/bin/helper} in a copy of the project, with a java and an mvn that only say what they were asked. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
final class LauncherTest {
    private static final List<String> TOOLS =
            List.of("sh", "env", "readlink", "sed", "flock", "mkdir", "rmdir", "sleep", "touch", "cat", "mv", "rm");

    private static final String ANSWERING_JAVA = """
            #!/bin/sh
            if [ "$1" = -version ]; then
                echo 'openjdk version "21.0.1" 2023-10-17' >&2
                exit 0
            fi
            for argument; do
                case $argument in
                    -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*)
                        echo "${argument%%=*}" >>"$BUILD_LOG"
                        cat >>"$BUILD_LOG"
                        [ ! -e "$0.fails" ] || exit 1
                        echo classes >"${argument#*=}"
                        exit
                        ;;
                esac
            done
            echo "java $0"
            for argument; do echo "argument $argument"; done
            env
            """;

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

    private Path project = directory;
    private Path tools = directory;
    private Path log = directory;

    @BeforeEach
    void copyTheProject() throws Exception {
        Path root = Path.of(System.getProperty("tiexec.root", ".."));
        project = directory.resolve("the project");
        tools = Files.createDirectories(directory.resolve("tools"));
        log = directory.resolve("build.log");
        copy(root.resolve("helper/bin/helper"), project.resolve("helper/bin/helper"));
        copy(root.resolve("protocol/src/main/sh/jvm.sh"), project.resolve("protocol/src/main/sh/jvm.sh"));
        for (String tool : TOOLS) {
            for (String bin : List.of("/usr/bin/", "/bin/")) {
                if (Files.exists(Path.of(bin + tool)) && !Files.exists(tools.resolve(tool))) {
                    Files.createSymbolicLink(tools.resolve(tool), Path.of(bin + tool));
                }
            }
        }
    }

    @Test
    void becomesTheJavaOfJavaHome() throws Exception {
        built();
        Path home = jdk("jdk", "17.0.9");
        Result result = run(Map.of("JAVA_HOME", home.toString()), "plan", "--elf=a file");
        assertThat(result.status).isZero();
        assertThat(result.err).isEmpty();
        assertThat(result.out)
                .startsWith("java " + home + "/bin/java\n")
                .contains(
                        "argument -XX:+UseSerialGC\n",
                        "argument -Djffi.boot.library.path=" + project + "/helper/target/lib/jni/x86_64-Linux\n",
                        "argument -jar\nargument " + project + "/helper/target/tiexec-helper.jar\n"
                                + "argument plan\nargument --elf=a file\n");
    }

    @Test
    void worksThroughLinksFromAnywhere() throws Exception {
        built();
        Path bin = Files.createDirectories(directory.resolve("usr/local/bin"));
        Files.createSymbolicLink(bin.resolve("first"), Path.of("second"));
        Files.createSymbolicLink(bin.resolve("second"), Path.of("../../../the project/helper/bin/helper"));
        Result result =
                runAs(bin.resolve("first"), Map.of("JAVA_HOME", jdk("jdk", "25").toString()), "--version");
        assertThat(result.err).isEmpty();
        assertThat(result.out).contains("argument " + project + "/helper/target/tiexec-helper.jar\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.8.0_392", "11.0.2", "16"})
    void takesTheJavaOnPathWhenJavaHomeIsTooOld(String version) throws Exception {
        built();
        Path onPath = jdk("new", "21.0.2");
        Files.createSymbolicLink(tools.resolve("java"), onPath.resolve("bin/java"));
        Result result = run(Map.of("JAVA_HOME", jdk("old", version).toString()));
        assertThat(result.err).isEmpty();
        assertThat(result.out).startsWith("java " + onPath + "/bin/java\n");
    }

    @Test
    void asksJavaItselfWhereNoFileTellsItsVersion() throws Exception {
        built();
        Path home = jdk("jdk", "");
        Files.delete(home.resolve("release"));
        Result result = run(Map.of("JAVA_HOME", home.toString()));
        assertThat(result.err).isEmpty();
        assertThat(result.out).startsWith("java " + home + "/bin/java\n");
    }

    @Test
    void saysWhatIsMissingAndHowToGetIt() throws Exception {
        built();
        Result result = run(Map.of());
        assertThat(result.status).isEqualTo(1);
        assertThat(result.err)
                .isEqualTo("helper: no Java 17 or later; on Debian: apt-get install openjdk-17-jre-headless\n");
    }

    @Test
    void saysWhyTheJavaThatIsThereWillNotDo() throws Exception {
        built();
        Path old = jdk("old", "11.0.2");
        Files.createSymbolicLink(tools.resolve("java"), old.resolve("bin/java"));
        Result result = run(Map.of("JAVA_HOME", "/nonexistent"));
        assertThat(result.status).isEqualTo(1);
        assertThat(result.err)
                .isEqualTo("helper: no Java 17 or later (" + tools + "/java is version 11);"
                        + " on Debian: apt-get install openjdk-17-jre-headless\n");
    }

    @Test
    void doesNotLetRootRunTheJavaOfSomeoneElse() throws Exception {
        built();
        Path foreign = jdk("foreign", "17.0.9");
        assumeTrue(isRoot(), "only root can give a file away");
        Files.setAttribute(foreign.resolve("bin/java"), "unix:uid", 65534);
        Path own = jdk("own", "17.0.9");
        Files.createSymbolicLink(tools.resolve("java"), own.resolve("bin/java"));
        Result result = run(Map.of("JAVA_HOME", foreign.toString()));
        assertThat(result.err)
                .isEqualTo("helper: ignoring JAVA_HOME=" + foreign
                        + ": root does not own its bin/java (chown root, or unset JAVA_HOME)\n");
        assertThat(result.out).startsWith("java " + own + "/bin/java\n");
    }

    @Test
    void keepsFromTheJvmWhatIsMeantForOthers() throws Exception {
        built();
        Result result = run(Map.of(
                "JAVA_HOME", jdk("jdk", "17").toString(),
                "JAVA_TOOL_OPTIONS", "-Xmx1g",
                "JDK_JAVA_OPTIONS", "-Xmx1g",
                "_JAVA_OPTIONS", "-Xmx1g",
                "CLASSPATH", "/elsewhere",
                "LD_LIBRARY_PATH", "/elsewhere"));
        assertThat(result.out).doesNotContain("-Xmx1g", "/elsewhere");
    }

    @Test
    void buildsOnFirstUse() throws Exception {
        mvn(BUILDING_MVN);
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("jdk", "17").toString());
        Result first = run(environment);
        assertThat(first.err).isEqualTo("helper: building in " + project + ", this once; it takes about a minute\n");
        assertThat(first.out).startsWith("java ");
        Result second = run(environment);
        assertThat(second.err).isEmpty();
        assertThat(Files.readString(log)).isEqualTo("mvn " + BUILD + " in " + project + "\n");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void buildsOnceWhenItIsUsedTwiceAtTheSameTime(boolean withFlock) throws Exception {
        mvn(BUILDING_MVN);
        if (!withFlock) {
            Files.delete(tools.resolve("flock"));
        }
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("jdk", "17").toString());
        Process first = start(project.resolve("helper/bin/helper"), environment);
        Process second = start(project.resolve("helper/bin/helper"), environment);
        assertThat(Result.of(first).out).startsWith("java ");
        assertThat(Result.of(second).out).startsWith("java ");
        assertThat(Files.readAllLines(log)).hasSize(1);
        assertThat(project.resolve("target/build.lock")).doesNotExist();
    }

    @Test
    void buildsAnewWhatWasBrokenOff() throws Exception {
        built();
        Files.createDirectories(project.resolve("target"));
        Files.createFile(project.resolve("target/unfinished"));
        Path half = Files.createFile(project.resolve("helper/target/half"));
        mvn(BUILDING_MVN);
        Map<String, String> environment = Map.of("JAVA_HOME", jdk("jdk", "17").toString());
        assertThat(run(environment).out).startsWith("java ");
        assertThat(half).doesNotExist();
        assertThat(run(environment).err).isEmpty();
        assertThat(Files.readAllLines(log)).hasSize(1);
    }

    @Test
    void doesNotWaitForeverForALockThatNobodyHolds() throws Exception {
        mvn(BUILDING_MVN);
        Files.delete(tools.resolve("flock"));
        Path lock = Files.createDirectories(project.resolve("target/build.lock"));
        Result result = run(Map.of("JAVA_HOME", jdk("jdk", "17").toString(), "TIEXEC_PATIENCE", "1"));
        assertThat(result.status).isEqualTo(1);
        assertThat(result.err)
                .endsWith("helper: waited in vain for another build in " + project + "; if there is none: rmdir " + lock
                        + "\n");
    }

    @Test
    void saysThatTheBuildFailed() throws Exception {
        mvn("#!/bin/sh\necho '[ERROR] no network'\necho '[ERROR] and so on'\nexit 1\n");
        Result result = run(Map.of("JAVA_HOME", jdk("jdk", "17").toString()));
        assertThat(result.status).isEqualTo(1);
        assertThat(result.out).isEmpty();
        assertThat(result.err.lines())
                .hasSize(2)
                .endsWith("helper: the build failed (no network); see " + project + "/target/build.log, then: "
                        + project + "/helper/bin/helper --version");
        assertThat(project.resolve("target/build.log")).hasContent("[ERROR] no network\n[ERROR] and so on\n");
    }

    @Test
    void saysThatTheBuildMadeTooLittle() throws Exception {
        mvn("#!/bin/sh\nmkdir -p helper/target\n");
        Result result = run(Map.of("JAVA_HOME", jdk("jdk", "17").toString()));
        assertThat(result.status).isEqualTo(1);
        assertThat(result.err)
                .endsWith("helper: the build has not made " + project + "/helper/target/tiexec-helper.jar; try: cd "
                        + project + " && mvn clean package -DskipTests\n");
    }

    @Test
    void saysWhatTheBuildNeeds() throws Exception {
        Path home = jdk("jdk", "17");
        Result withoutMaven = run(Map.of("JAVA_HOME", home.toString()));
        assertThat(withoutMaven.status).isEqualTo(1);
        assertThat(withoutMaven.err)
                .isEqualTo("helper: not built yet, and there is no mvn; on Debian:"
                        + " apt-get install maven openjdk-17-jdk-headless\n");
        mvn(BUILDING_MVN);
        Files.delete(home.resolve("bin/javac"));
        Result withoutCompiler = run(Map.of("JAVA_HOME", home.toString()));
        assertThat(withoutCompiler.status).isEqualTo(1);
        assertThat(withoutCompiler.err)
                .isEqualTo("helper: not built yet, and " + home + " has no javac; on Debian:"
                        + " apt-get install maven openjdk-17-jdk-headless\n");
    }

    @ParameterizedTest
    @CsvSource({
        "17.0.9, 17.0.9+9-Debian-1, ArchiveClassesAtExit, SharedArchiveFile",
        "25,     25+36-LTS,         AOTCacheOutput,       AOTCache",
    })
    void keepsAnArchiveOfItsClassesForEachJava(String version, String build, String make, String use) throws Exception {
        built();
        Path home = jdk("jdk", version);
        Files.writeString(
                home.resolve("release"), "JAVA_RUNTIME_VERSION=\"" + build + "\"\nJAVA_VERSION=\"" + version + "\"\n");
        Map<String, String> environment = Map.of("JAVA_HOME", home.toString());
        String option = "argument -XX:" + use + "=" + project + "/helper/target/tiexec-helper-" + build + ".jsa\n";
        assertThat(run(environment, "serve").out).contains(option);
        assertThat(run(environment, "serve").out).contains(option);
        assertThat(Files.readAllLines(log)).hasSize(2).first().isEqualTo("-XX:" + make);
        assertThat(MessageReader.parse(Files.readAllLines(log).get(1).getBytes(UTF_8)))
                .isInstanceOf(Message.Start.class);
    }

    @Test
    void makesANewArchiveWhenAJarIsNewer() throws Exception {
        built();
        Path home = jdk("jdk", "17.0.9");
        Files.writeString(home.resolve("release"), "JAVA_RUNTIME_VERSION=\"17.0.9+9\"\nJAVA_VERSION=\"17.0.9\"\n");
        Map<String, String> environment = Map.of("JAVA_HOME", home.toString());
        run(environment, "serve");
        Path library = Files.createFile(project.resolve("helper/target/lib/library.jar"));
        Files.setLastModifiedTime(library, FileTime.from(Instant.now().plusSeconds(60)));
        assertThat(run(environment, "serve").out).doesNotContain("SharedArchiveFile");
        Files.setLastModifiedTime(library, FileTime.from(Instant.EPOCH));
        assertThat(run(environment, "serve").out).contains("SharedArchiveFile");
    }

    @Test
    void doesWithoutAnArchiveThatCouldNotBeMade() throws Exception {
        built();
        Path home = jdk("jdk", "17.0.9");
        Files.writeString(home.resolve("release"), "JAVA_RUNTIME_VERSION=\"17.0.9+9\"\nJAVA_VERSION=\"17.0.9\"\n");
        Files.createFile(home.resolve("bin/java.fails"));
        Map<String, String> environment = Map.of("JAVA_HOME", home.toString());
        for (int i = 0; i < 2; i++) {
            Result result = run(environment, "serve");
            assertThat(result.err).isEmpty();
            assertThat(result.out).doesNotContain("SharedArchiveFile");
        }
        assertThat(Files.readAllLines(log)).hasSize(2);
        try (Stream<Path> files = Files.list(project.resolve("helper/target"))) {
            assertThat(files).hasSize(3);
        }
    }

    private void built() throws Exception {
        Path target = Files.createDirectories(project.resolve("helper/target/lib/jni/x86_64-Linux"));
        Files.createFile(target.resolve("libjffi-1.2.so"));
        Path jar = Files.createFile(project.resolve("helper/target/tiexec-helper.jar"));
        Path library = Files.createFile(project.resolve("helper/target/lib/jffi.jar"));
        // the clock of file systems is coarse: what is made next must look newer
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(60)));
        Files.setLastModifiedTime(library, FileTime.from(Instant.now().minusSeconds(60)));
    }

    private Path jdk(String name, String version) throws Exception {
        Path home = directory.resolve(name);
        script(home.resolve("bin/java"), ANSWERING_JAVA);
        script(home.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(home.resolve("release"), "IMPLEMENTOR=\"Test\"\nJAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    private void mvn(String content) throws Exception {
        script(tools.resolve("mvn"), content);
    }

    private static void script(Path file, String content) throws Exception {
        Path parent = file.getParent();
        assertThat(parent).isNotNull();
        Files.createDirectories(parent);
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void copy(Path from, Path to) throws Exception {
        script(to, Files.readString(from));
    }

    private static boolean isRoot() throws Exception {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    private Result run(Map<String, String> environment, String... arguments) throws Exception {
        return runAs(project.resolve("helper/bin/helper"), environment, arguments);
    }

    private Result runAs(Path launcher, Map<String, String> environment, String... arguments) throws Exception {
        return Result.of(start(launcher, environment, arguments));
    }

    private Process start(Path launcher, Map<String, String> environment, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", tools.toString());
        builder.environment().put("BUILD_LOG", log.toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** What a process left behind; its output is short enough to wait in the pipes. */
    private record Result(int status, String out, String err) {
        static Result of(Process process) throws Exception {
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), UTF_8);
            String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
            return new Result(process.waitFor(), out, err);
        }
    }
}
