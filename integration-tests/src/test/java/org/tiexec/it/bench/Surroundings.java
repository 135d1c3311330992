package org.tiexec.it.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.tiexec.it.support.Backing;

/**
 * What every benchmark is given.
 *
 * @param root the project's directory
 * @param javas those that are installed of those asked for
 * @param missing versions of Java that are not
 * @param progress where a person sees that something is going on
 */
record Surroundings(
        Path root, Options options, Scratch scratch, List<JavaHome> javas, List<String> missing, PrintStream progress) {
    static Surroundings of(Path root, Options options, Scratch scratch, PrintStream progress) throws IOException {
        List<JavaHome> javas = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        for (String version : options.list("java", "17,25")) {
            JavaHome.of(version).ifPresentOrElse(javas::add, () -> missing.add(version));
        }
        if (javas.isEmpty()) {
            throw new BenchmarkException("no Java of these is installed: " + missing);
        }
        return new Surroundings(root, options, scratch, javas, missing, progress);
    }

    /** Tracer and helper in one Java, launching in place or a child. */
    Launcher tracer(JavaHome java, String launch) {
        return tracer(java, launch, Backing.HUGETLB, List.of());
    }

    Launcher tracer(JavaHome java, String launch, Backing backing, List<String> more) {
        List<String> options = new ArrayList<>(more);
        options.add("--launch=" + launch);
        return Launcher.tracer(java.version() + " " + launch, root, java, backing, options);
    }

    /** The default launch, in the first Java. */
    Launcher tracer(Backing backing) {
        JavaHome java = javas.get(0);
        return Launcher.tracer(backing.optionValue(), root, java, backing, List.of());
    }

    /** The same, with code that is rounded outward. */
    Launcher aggressive(Backing backing) {
        return Launcher.tracer(
                backing.optionValue() + " aggressive", root, javas.get(0), backing, List.of("--strategy=aggressive"));
    }

    List<Program> programs() throws IOException {
        List<Program> programs = new ArrayList<>();
        for (String name : options.list("programs", Program.ALL)) {
            programs.add(Program.named(name));
        }
        return programs;
    }

    List<Program> programsWithCode() throws IOException {
        return programs().stream().filter(program -> !program.isSilent()).toList();
    }

    /** What to tell of versions of Java that are not there. */
    List<String> notes() {
        return missing.stream()
                .map(version -> "Java " + version + ": skipped: not in /usr/lib/jvm; name one: export JDK" + version
                        + "_HOME=DIRECTORY")
                .toList();
    }

    /** Makes new class-data archives for each Java by a first launch, and tells what has not come of it. */
    List<String> makeArchives(Program program) throws IOException, InterruptedException {
        List<String> complaints = new ArrayList<>();
        for (JavaHome java : javas) {
            say("class-data archives for Java " + java.version());
            ClassDataArchives archives = new ClassDataArchives(root, java);
            archives.delete();
            TimedRun.of(tracer(java, "in-place"), program, scratch);
            archives.missing()
                    .forEach(file -> complaints.add(
                            "Java " + java.version() + " has made no class-data archive " + root.relativize(file)));
        }
        return complaints;
    }

    void say(String what) {
        progress.println("... " + what);
    }
}
