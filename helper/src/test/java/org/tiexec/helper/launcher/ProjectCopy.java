package org.tiexec.helper.launcher;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A copy of the launcher of the helper, with a java that only says what it was asked. */
final class ProjectCopy {
    private static final List<String> TOOLS = List.of(
            "sh",
            "env",
            "readlink",
            "sed",
            "flock",
            "mkdir",
            "rmdir",
            "sleep",
            "touch",
            "cat",
            "mv",
            "rm",
            "chmod",
            "ls",
            "sync",
            "find");
    private static final List<String> SHARED = List.of("jvm.sh", "record.sh");
    private static final int MINUTE = 60;

    /**
     * Told to write an archive, it does so at its end. Where there is a file {@code java.fails}, it does not; {@code
     * java.dies}, it is killed meanwhile; {@code java.refuses}, it does not start with one.
     */
    private static final String ANSWERING_JAVA = """
            #!/bin/sh
            if [ "$1" = -version ]; then
                echo 'openjdk version "21.0.1" 2023-10-17' >&2
                exit 0
            fi
            echo "java $0"
            for argument; do echo "argument $argument"; done
            env
            for argument; do
                case $argument in
                    -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*)
                        echo "${argument%%=*}" >>"$BUILD_LOG"
                        [ ! -e "$0.fails" ] || exit 1
                        echo classes >"${argument#*=}"
                        [ ! -e "$0.dies" ] || kill -KILL $$
                        ;;
                    -Xshare:on | -XX:AOTMode=on)
                        [ ! -e "$0.refuses" ] || exit 1
                        ;;
                esac
            done
            """;

    private final Path directory;

    ProjectCopy(Path directory) {
        this.directory = directory;
    }

    /** A new one, of which nothing is built yet. */
    static ProjectCopy in(Path directory) throws IOException {
        ProjectCopy copy = new ProjectCopy(directory);
        Path root = Path.of(System.getProperty("tiexec.root", ".."));
        script(copy.launcher(), Files.readString(root.resolve("helper/bin/helper")));
        for (String part : SHARED) {
            Path file = Path.of("protocol/src/main/sh", part);
            script(copy.project().resolve(file), Files.readString(root.resolve(file)));
        }
        Files.createDirectories(copy.tools());
        for (String tool : TOOLS) {
            for (String bin : List.of("/usr/bin/", "/bin/")) {
                if (Files.exists(Path.of(bin + tool))
                        && !Files.exists(copy.tools().resolve(tool))) {
                    Files.createSymbolicLink(copy.tools().resolve(tool), Path.of(bin + tool));
                }
            }
        }
        return copy;
    }

    Path project() {
        return directory.resolve("the project");
    }

    /** What stands on PATH. */
    Path tools() {
        return directory.resolve("tools");
    }

    /** What the build, or the making of an archive, has written down. */
    Path log() {
        return directory.resolve("build.log");
    }

    Path launcher() {
        return project().resolve("helper/bin/helper");
    }

    Path target() {
        return project().resolve("helper/target");
    }

    void built() throws IOException {
        Path jni = Files.createDirectories(target().resolve("lib/jni/x86_64-Linux"));
        Files.createFile(jni.resolve("libjffi-1.2.so"));
        Path jar = Files.createFile(target().resolve("tiexec-helper.jar"));
        Path library = Files.createFile(target().resolve("lib/jffi.jar"));
        // the clock of file systems is coarse: what is made next must look newer
        Files.setLastModifiedTime(jar, FileTime.from(Instant.now().minusSeconds(MINUTE)));
        Files.setLastModifiedTime(library, FileTime.from(Instant.now().minusSeconds(MINUTE)));
    }

    Path jdk(String name, String version) throws IOException {
        return jdk(name, version, "");
    }

    /** One that tells its very build, too, which an archive needs. */
    Path jdk(String name, String version, String build) throws IOException {
        Path home = directory.resolve(name);
        script(home.resolve("bin/java"), ANSWERING_JAVA);
        script(home.resolve("bin/javac"), "#!/bin/sh\n");
        Files.writeString(
                home.resolve("release"),
                (build.isEmpty() ? "IMPLEMENTOR=\"Test\"\n" : "JAVA_RUNTIME_VERSION=\"" + build + "\"\n")
                        + "JAVA_VERSION=\"" + version + "\"\n");
        return home;
    }

    void mvn(String content) throws IOException {
        script(tools().resolve("mvn"), content);
    }

    private static void script(Path file, String content) throws IOException {
        Files.createDirectories(file.resolveSibling("."));
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static boolean isRoot() throws IOException {
        return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
    }

    Result run(Map<String, String> environment, String... arguments) throws Exception {
        return runAs(launcher(), environment, arguments);
    }

    Result runAs(Path launcher, Map<String, String> environment, String... arguments) throws Exception {
        return Result.of(start(launcher, environment, arguments));
    }

    Process start(Path launcher, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        return start(command, environment);
    }

    Process start(List<String> command, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().put("PATH", tools().toString());
        builder.environment().put("BUILD_LOG", log().toString());
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** What a process left behind; its output is short enough to wait in the pipes. */
    record Result(int status, String out, String err) {
        static Result of(Process process) throws Exception {
            process.getOutputStream().close();
            String out = new String(process.getInputStream().readAllBytes(), UTF_8);
            String err = new String(process.getErrorStream().readAllBytes(), UTF_8);
            return new Result(process.waitFor(), out, err);
        }
    }
}
