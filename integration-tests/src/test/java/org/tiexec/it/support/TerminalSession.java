package org.tiexec.it.support;

/**
 * A person at a terminal: presses keys, resizes the window, waits for what is to appear.
 *
 * <p>See {@code terminal.c}. Two sessions in which the same was done can be compared by their {@link #screen}.
 */
public final class TerminalSession {
    private final RunningProgram terminal;
    private final String command;
    private int seen;

    private TerminalSession(RunningProgram terminal, String command) {
        this.terminal = terminal;
        this.command = command;
    }

    /**
     * Opens a terminal with an interactive bash in it.
     *
     * @param command what is later typed as {@code PROGRAM}
     */
    public static TerminalSession withBash(Lab lab, Command command) {
        Command bash = lab.plain(
                Specimens.terminal(),
                "env",
                "TERM=dumb",
                "PS1=$ ",
                "HISTFILE=/dev/null",
                "LC_ALL=C",
                "bash",
                "--norc",
                "--noprofile",
                "--noediting",
                "-i");
        TerminalSession session =
                new TerminalSession(bash.becoming(command.program()).start(), String.join(" ", command.words()));
        return session.see("$ ");
    }

    /** Opens a terminal in which the command itself takes the place of the shell. */
    public static TerminalSession inPlaceOfAShell(Command command) {
        return new TerminalSession(command.after(Specimens.terminal()).start(), String.join(" ", command.words()));
    }

    /**
     * Presses keys.
     *
     * @param keys {@code \n} and {@code \xNN} are what they are in C; PROGRAM is the command
     */
    public TerminalSession type(String keys) {
        terminal.say("type " + keys.replace("PROGRAM", command) + "\n");
        return this;
    }

    /** Types a line for the shell and waits for its echo and its next prompt. */
    public TerminalSession ask(String line) {
        return type(line + "\\n").see(line.replace("PROGRAM", command) + "\n").see("$ ");
    }

    /** Changes the size of the window. */
    public TerminalSession resize(int rows, int columns) {
        terminal.say("size " + rows + " " + columns + "\n");
        return this;
    }

    /** Closes the terminal, as a window that is closed. */
    public Outcome hangUp() {
        terminal.say("hang up\n");
        return terminal.awaitEnd();
    }

    /** Waits until a text has appeared after what was waited for before. */
    public TerminalSession see(String text) {
        terminal.awaitThat("'" + text + "' on the screen", () -> out().indexOf(text, seen) >= 0);
        seen = out().indexOf(text, seen) + text.length();
        return this;
    }

    /** The process that executes the command's program. */
    public LiveProcess program() {
        return terminal.program();
    }

    /** Waits for the end of what runs in the terminal. */
    public TerminalSession awaitEnd() {
        terminal.awaitEnd();
        return this;
    }

    /**
     * All that has appeared, with PROGRAM for the command and PID for the ids of processes. What the shell says when it
     * starts a job is left out: it may come before or after what the job says.
     */
    public String screen() {
        String screen = out().replace(command, "PROGRAM");
        return screen.replaceAll("(?m)^\\[\\d+\\] \\d+\n", "").replaceAll("(\\[\\d+\\][+-]? +)\\d+\\b", "$1PID");
    }

    private String out() {
        return terminal.out().replace("\r", "");
    }
}
