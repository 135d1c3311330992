package org.tiexec.tracer.program;

import java.nio.file.Path;

/** Whether a program is worth, and safe, to be met at its exec stop. */
public sealed interface Judgement {
    /** There is no such program, or none that may be executed. */
    record NotFound() implements Judgement {}

    /**
     * Its headers promise code for huge pages.
     *
     * @param image the path of the file that will be executed in the end, behind all {@code #!} lines
     */
    record Promising(Path image) implements Judgement {}

    /**
     * It has no code that could gain.
     *
     * @param image the path of the file that will be executed in the end, behind all {@code #!} lines
     * @param reason for people
     */
    record NothingToDo(Path image, String reason) implements Judgement {}

    /**
     * It must not be traced, or cannot be handled.
     *
     * @param reason for people
     */
    record Unsuitable(String reason) implements Judgement {}
}
