package org.tiexec.tracer.program;

import java.nio.file.Path;
import java.util.Optional;

/** Whether a program is worth, and safe, to be met at its exec stop. */
public sealed interface Judgement {
    /** There is no such program, or none that may be executed. */
    record NotFound() implements Judgement {}

    /**
     * It has, or may have, code for huge pages.
     *
     * @param image the path of the file that will be executed in the end, behind all {@code #!} lines
     * @param objection why its headers promise none, so that only its libraries may have some; empty if they promise it
     */
    record Promising(Path image, Optional<String> objection) implements Judgement {}

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
