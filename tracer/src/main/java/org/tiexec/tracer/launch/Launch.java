package org.tiexec.tracer.launch;

import java.io.PrintStream;
import java.util.Optional;
import org.tiexec.tracer.arch.Architecture;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.swap.PhaseClock;

/**
 * What a launch is about, as its parts need it.
 *
 * @param options what the user asked for
 * @param inheritance what the program gets
 * @param arch the architecture of this machine
 * @param live the same for a program that may have to be worked on while it runs
 * @param observer is told what was done, once the program runs
 * @param err for reasons of failure
 * @param protocolLog where all that is said to the helper and by it is shown, if people are to see it
 * @param clock runs since the start of this process
 */
public record Launch(
        LaunchOptions options,
        Inheritance inheritance,
        Architecture arch,
        Optional<LiveArchitecture> live,
        LaunchSession.RunObserver observer,
        PrintStream err,
        Optional<PrintStream> protocolLog,
        PhaseClock clock) {}
