package org.tiexec.tracer.launch;

import java.util.Optional;

/**
 * A shell that holds the place of the program, with what else it has started for us.
 *
 * @param pid the process that is to become the program; it reads our word from its standard input
 * @param input the descriptor by which it keeps the program's standard input
 * @param watchman our parent, which ends us if we take too long before we hold that process; 0 if there is none
 * @param helper the helper's process, whose answers are our standard input
 * @param toHelper our descriptor of its standard input
 * @param helperErrors our descriptor of its standard error
 * @param awaitsArchive whether an archive of our classes is to be made, for which this process must end in an orderly way
 * @param preparer the launcher that is to make the archives when the program runs, if they are missing
 */
public record Holder(
        int pid,
        int input,
        int watchman,
        int helper,
        int toHelper,
        int helperErrors,
        boolean awaitsArchive,
        Optional<String> preparer) {}
