package org.tiexec.tracer.launch;

import java.io.IOException;
import java.util.Optional;
import org.tiexec.tracer.helper.HelperFailedException;
import org.tiexec.tracer.helper.HelperProcess;
import org.tiexec.tracer.remote.RemoteExec;
import org.tiexec.tracer.target.PtraceTarget;
import org.tiexec.tracer.target.TargetGoneException;
import org.tiexec.tracer.target.WaitStatus;

/**
 * Where the program comes to run: the process that becomes it, and what this process owes to whoever waits for it.
 *
 * <p>The methods that return an exit status return this process's own.
 */
interface Place extends AutoCloseable {
    /**
     * The helper, which need not be ready yet.
     *
     * @throws HelperFailedException if there is none
     */
    HelperProcess helper() throws HelperFailedException;

    /**
     * Starts what has to be there before a process can be taken.
     *
     * @throws UntraceableException if nothing can be started here
     */
    void prepare() throws UntraceableException;

    /**
     * Begins, on the thread that is going to trace, what can be done before the helper is ready.
     *
     * @throws UntraceableException if no process can be traced here
     */
    void hold() throws UntraceableException;

    /**
     * Takes hold of the process that is to become the program.
     *
     * @return the process, which stands still
     * @throws UntraceableException if it cannot be traced
     */
    PtraceTarget take() throws UntraceableException;

    /**
     * Gives that process what the program is to begin with and it does not have.
     *
     * @throws IOException if it cannot be read or written, or the kernel refuses
     * @throws TargetGoneException if it was killed
     */
    void bequeath(PtraceTarget target, RemoteExec exec) throws IOException, TargetGoneException;

    /**
     * Gives back a process that was taken and has not become the program.
     *
     * @return whether the program can still be run without us; otherwise the process stands still as before
     */
    boolean abandon(PtraceTarget target);

    /**
     * Undoes {@link #prepare}.
     *
     * @return how the process that was prepared has been ended by others, if it was
     */
    Optional<WaitStatus> withdraw();

    /** Runs the program without us; a process that was taken has been given back. */
    int runPlain();

    /** The same with a program that would suffer if it were traced when it is executed. */
    int runUntraced();

    /** Ends without the program, with this status for whoever waits for it. */
    int end(int status);

    /** The same where the program, or what was to become it, stands still. */
    int end(PtraceTarget target, int status);

    /** What there is to do when the program has been ended by others. */
    int endLike(WaitStatus status);

    /**
     * Lets the program go.
     *
     * @throws TargetGoneException if it has been killed
     */
    void release(PtraceTarget target) throws TargetGoneException;

    /**
     * Lets a program that is going to run on the way to its entry point have the signals that came for it.
     *
     * @throws TargetGoneException if it has been killed
     */
    void admitSignals(PtraceTarget target) throws TargetGoneException;

    /**
     * Leaves the program alone with all that it was given, but for the tracing: it is about to run and to be followed.
     * Standard error is still ours, too.
     *
     * @throws TargetGoneException if it has been killed
     */
    void run(PtraceTarget target) throws TargetGoneException;

    /** Whether this process ends when the program does, and stops when it is stopped. */
    boolean isBoundToProgram();

    /** The program that was followed is about to end: nobody listens to us any more. */
    void fallSilent();

    /**
     * The rest of the program's life.
     *
     * @param watch what is done beside it for a while, if anything
     */
    int follow(PtraceTarget target, Optional<LibraryWatch> watch);

    /** Ends what runs beside a launch; none of it may be left to the program or outlive this process. */
    @Override
    void close();
}
