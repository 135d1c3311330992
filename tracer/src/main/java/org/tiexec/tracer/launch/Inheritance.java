package org.tiexec.tracer.launch;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tiexec.tracer.sys.Identity;
import org.tiexec.tracer.sys.ResourceLimit;

/**
 * What the program begins with: what whoever started us has, byte for byte, unless it is to be somebody else.
 *
 * @param argv the program's name as it was typed, then its arguments
 * @param environment the variables, each {@code name=value}
 * @param signalMask the signals that are blocked at its start; bit N−1 stands for signal N
 * @param ignoredSignals the signals that are ignored at its start; bit N−1 stands for signal N
 * @param descriptors the descriptors that were open
 * @param limits those that have been widened for our JVM's sake, as they were
 * @param directory a descriptor of the working directory, if ours is another one
 * @param signalsArePending whether the signals sent to this process are blocked in all its threads, so that they can be
 *     fetched and forwarded
 * @param identity whom it is to run as, if not as whoever started us
 */
public record Inheritance(
        List<byte[]> argv,
        List<byte[]> environment,
        long signalMask,
        long ignoredSignals,
        Set<Integer> descriptors,
        List<ResourceLimit> limits,
        Optional<Integer> directory,
        boolean signalsArePending,
        Optional<Identity> identity) {
    /** Takes copies of the collections. */
    public Inheritance {
        argv = List.copyOf(argv);
        environment = List.copyOf(environment);
        descriptors = Set.copyOf(descriptors);
        limits = List.copyOf(limits);
    }
}
