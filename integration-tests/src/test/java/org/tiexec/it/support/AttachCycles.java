package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;

/** Attaches to a process and takes it back, over and over. */
public final class AttachCycles {
    private static final Outcome DONE = new Outcome(0, "", "");

    private final TracerAttach attach;
    private final TracerAttach undo;
    private final LiveProcess process;
    private final String name;

    /**
     * For one process.
     *
     * @param backing what pages it gets; only those of the pool need anything of the machine
     * @param options what each of its runs is told besides
     */
    public AttachCycles(Lab lab, LiveProcess process, Backing backing, String... options) {
        if (backing == Backing.HUGETLB) {
            lab.provide(backing);
        }
        this.attach = lab.attach(Stream.concat(Stream.of("--backing=" + backing.optionValue()), Stream.of(options))
                .toArray(String[]::new));
        this.undo = lab.attach(options).undoing();
        this.process = process;
        this.name = process.commandLine();
    }

    /** How many to do: few, or, under {@code -Psoak}, as many as are asked for. */
    public static int count(int few, int many) {
        return Soak.IS_ON ? many : few;
    }

    /** Attaches, takes back, and so on; the process stays attached at the end. */
    public void run(int cycles) {
        for (int cycle = 1; cycle <= cycles; cycle++) {
            expectDone("attach " + cycle + " of " + cycles, attach);
            if (cycle < cycles) {
                expectDone("undo " + cycle + " of " + cycles, undo);
            }
        }
    }

    /** Takes back the last one. */
    public void undo() {
        expectDone("undo", undo);
    }

    private void expectDone(String what, TracerAttach command) {
        assertThat(command.to(process).run())
                .as("%s, process %s, now in state %s", what, name, process.state())
                .isEqualTo(DONE);
    }
}
