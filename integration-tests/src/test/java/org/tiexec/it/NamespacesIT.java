package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Specimens;

/** In another world of processes or files, or under another tracer, the program runs; where it can be, on 2 MB pages. */
@InLab
final class NamespacesIT {
    @ParameterizedTest
    @EnumSource
    void inNewNamespacesWithTheirOwnProcAllIsAsElsewhere(Backing backing, Lab lab) {
        lab.provide(backing);

        // in a chroot, the root is no mount point, whose propagation could be changed
        Outcome traced = lab.tracer("--strict", "-v")
                .of(program())
                .after("unshare", "--pid", "--fork", "--mount", "--mount-proc", "--propagation", "unchanged")
                .run();

        assertSwapped(traced, lab);
    }

    /** As in a container without an init: the orphans of a process namespace are children of its process 1. */
    @Test
    void asProcess1TheTracerReapsOrphans(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome traced = lab.tracer("--strict", "-v")
                .of(Specimens.specimen(), "check", "orphans", "5", "exit", "7")
                .after("unshare", "--pid", "--fork", "--mount", "--mount-proc", "--propagation", "unchanged")
                .run();

        assertThat(traced.outLines()).last().isEqualTo("no orphan is left");
        assertThat(traced.err()).contains("its code is on 2 MB pages");
        assertThat(traced.status()).isEqualTo(7);
    }

    @Test
    void inANewMountNamespaceAllIsAsElsewhere(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome traced = lab.tracer("--strict", "-v")
                .of(program())
                .after("unshare", "--mount", "--propagation", "unchanged")
                .run();

        assertSwapped(traced, lab);
    }

    @Test
    void inANewPidNamespaceWithTheOldProcTheProgramRunsPlain(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome traced = lab.traced(program())
                .after("unshare", "--pid", "--fork", "--mount", "--propagation", "unchanged")
                .run();

        assertRanPlain(traced, lab, "mount -t proc proc /proc");
        assertThat(traced.errLines()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void inAChrootWithProcAndSysAllIsAsElsewhere(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);

        Outcome traced = inChroot(
                lab.tracer("--strict", "-v").of(program()),
                "mount -t proc proc \"$0/proc\" && mount --rbind /sys \"$0/sys\"",
                lab);

        assertSwapped(traced, lab);
    }

    @Test
    void inAChrootWithoutSysTheProgramRunsPlain(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);

        Outcome traced = inChroot(lab.traced(program()), "mount -t proc proc \"$0/proc\"", lab);

        assertRanPlain(traced, lab, "/sys is not mounted");
        assertThat(traced.errLines()).hasSize(1);
    }

    /** A program that needs no /proc, as the one that tells of itself does. */
    @Test
    void inAChrootWithoutProcTheProgramRunsPlain(Lab lab) throws IOException {
        lab.provide(Backing.HUGETLB);

        Outcome traced = inChroot(lab.traced(Specimens.specimen(), "say", "hello", "exit", "7"), ":", lab);

        assertThat(traced.out()).isEqualTo("hello\n");
        assertThat(traced.status()).isEqualTo(7);
        assertThat(traced.err()).contains("mount -t proc proc /proc", "runs without 2 MB pages");
    }

    @Test
    void underStraceTheProgramRunsPlain(Lab lab) {
        lab.provide(Backing.HUGETLB);

        Outcome traced = lab.traced(program())
                .after("strace", "-f", "-o", "/dev/null", "-e", "trace=none")
                .run();

        assertRanPlain(traced, lab, "is it traced already (strace, gdb)");
        assertThat(traced.errLines()).hasSize(1);
    }

    @Test
    void underStraceAStrictLaunchDoesNotRunTheProgram(Lab lab) {
        lab.provide(Backing.HUGETLB);
        Path trace = lab.directory().resolve("the program ran");

        Outcome strict = lab.tracer("--strict")
                .of(Specimens.specimen(), "touch", trace)
                .after("strace", "-f", "-o", "/dev/null", "-e", "trace=none")
                .run();

        assertThat(strict.status()).isEqualTo(125);
        assertThat(trace).doesNotExist();
    }

    private static void assertSwapped(Outcome traced, Lab lab) {
        Outcome plain = lab.plain(program()).run();
        assertThat(traced.out()).as(traced.toString()).isEqualTo(plain.out());
        assertThat(traced.status()).isEqualTo(plain.status()).isEqualTo(7);
        assertThat(traced.err()).contains("its code is on 2 MB pages");
    }

    private static void assertRanPlain(Outcome traced, Lab lab, String reason) {
        Outcome plain = lab.plain(program()).run();
        assertThat(traced.out()).as(traced.toString()).isEqualTo(plain.out());
        assertThat(traced.status()).isEqualTo(plain.status()).isEqualTo(7);
        assertThat(traced.err())
                .contains(reason, "the program runs without 2 MB pages".substring("the program ".length()));
    }

    private static Object[] program() {
        return new Object[] {Specimens.specimen(), "check", "exit", "7"};
    }

    /** The same files under another root, in a mount namespace that ends with the command. */
    private static Outcome inChroot(Command command, String mounts, Lab lab) throws IOException {
        assumeTrue(Files.isWritable(Path.of("/proc/sys/vm/nr_hugepages")), "a chroot takes root");
        Path root = Files.createDirectory(lab.directory().resolve("root"));
        String script = "mount --make-rprivate / 2>/dev/null; mount --bind / \"$0\" && " + mounts
                + " && exec chroot \"$0\" \"$@\"";
        return command.after("unshare", "--mount", "--propagation", "unchanged", "sh", "-c", script, root)
                .run();
    }
}
