package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The Debian package as it is on a disk, in a directory of a lab that stands for {@code /}. */
public final class InstalledPackage {
    private final Lab lab;
    private final Path root;

    private InstalledPackage(Lab lab, Path root) {
        this.lab = lab;
        this.root = root;
    }

    /** Unpacks it as {@code dpkg} does: each file beside its place, then renamed. */
    public static InstalledPackage in(Lab lab, String name) {
        InstalledPackage installed = new InstalledPackage(lab, lab.directory().resolve(name));
        installed.unpack();
        return installed;
    }

    /** The same again over what is there. */
    public void unpack() {
        Path unpacked = lab.newFile("unpacked");
        assertThat(lab.plain("dpkg-deb", "-x", file(), unpacked).run()).isEqualTo(new Outcome(0, "", ""));
        // cp --remove-destination would leave a moment without the file
        Outcome renamed = lab.plain("sh", "-e", "-c", """
                        mkdir -p "$2"
                        cd "$1"
                        find . -type d -exec mkdir -p "$2/{}" \\;
                        find . ! -type d -exec mv -T {} "$2/{}" \\;
                        """, "sh", unpacked, root).run();
        assertThat(renamed).isEqualTo(new Outcome(0, "", ""));
    }

    /** The package itself. */
    public static Path file() {
        try (Stream<Path> files = Files.list(Lab.target())) {
            return files.filter(each -> each.toString().endsWith(".deb"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalStateException("no package in " + Lab.target() + ": mvn package"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes the class-data archives, as its postinst does. */
    public InstalledPackage prepared() {
        tracer("prepare");
        assertThat(archives()).hasSize(2);
        return this;
    }

    /** Runs {@code tracer} with other arguments, which must succeed in silence. */
    public void tracer(Object... arguments) {
        Outcome outcome = lab.plain(path("usr/bin/tracer")).before(arguments).run();
        assertThat(outcome).isEqualTo(new Outcome(0, "", ""));
    }

    /** The same, which now lies elsewhere in the lab. */
    public InstalledPackage movedTo(String name) {
        Path other = lab.directory().resolve(name);
        try {
            return new InstalledPackage(lab, Files.move(root, other));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The class-data archives beside the jars. */
    public List<Path> archives() {
        try (Stream<Path> files = Files.list(path("usr/lib/tiexec/lib"))) {
            return files.filter(each -> each.toString().contains(".jsa")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A file of it. */
    public Path path(String name) {
        return root.resolve(name);
    }

    /** The command {@code tracer run}, as found in its {@code /usr/bin}. */
    public Command traced(List<String> options, Object... program) {
        return traced(path("usr/bin/tracer"), options, program);
    }

    /** The same command found elsewhere. */
    public Command traced(Path tracer, List<String> options, Object... program) {
        List<String> words = new ArrayList<>(List.of(tracer.toString(), "run"));
        words.addAll(Patience.options());
        words.addAll(options);
        words.add("--");
        words.addAll(Command.strings(program));
        return new Command(lab, words, Command.locate(String.valueOf(program[0])));
    }

    /** The command {@code helper}. */
    public Command helper(Object... arguments) {
        return lab.plain(path("usr/bin/helper")).before(arguments);
    }
}
