package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

/** Attaches to a process and takes it back, over and over. */
public final class AttachCycles {
    private static final Outcome DONE = new Outcome(0, "", "");

    private final TracerAttach attach;
    private final LiveProcess process;

    /** For one process; the options of the command belong to each of its runs. */
    public AttachCycles(Lab lab, LiveProcess process, String... options) {
        this.attach = lab.attach(options);
        this.process = process;
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
                expectDone("undo " + cycle + " of " + cycles, attach.undoing());
            }
        }
    }

    /** Takes back the last one. */
    public void undo() {
        expectDone("undo", attach.undoing());
    }

    private void expectDone(String what, TracerAttach command) {
        assertThat(command.to(process).run())
                .as("%s, process %s", what, process.commandLine())
                .isEqualTo(DONE);
    }
}
