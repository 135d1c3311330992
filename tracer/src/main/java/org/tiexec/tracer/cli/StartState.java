package org.tiexec.tracer.cli;

import java.io.FileInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.tiexec.protocol.procfs.ProcFormatException;
import org.tiexec.protocol.procfs.SignalSets;
import org.tiexec.tracer.launch.Holder;
import org.tiexec.tracer.launch.Inheritance;
import org.tiexec.tracer.sys.Identity;
import org.tiexec.tracer.sys.ResourceLimit;

/**
 * The state in which this process was started, read back from the kernel because the JVM hides or changes it.
 *
 * <p>The launcher hands over what only it could see. The environment, as variables: {@code TIEXEC_ENVIRON_0} and so on,
 * the whole block in base64. The rest as system properties: {@code tiexec.mask}, the inherited signal mask, if it has
 * blocked every signal since; {@code tiexec.ignored}, the signals that were ignored; {@code tiexec.descriptors}, the inherited descriptors; {@code tiexec.limits}, the limits that it has
 * widened, each {@code resource:soft:hard}; {@code tiexec.directory}, a descriptor of the working directory, if that has
 * been deleted. Where its own process is to become the program: {@code tiexec.place}, that process, the descriptor by which
 * it keeps the program's input, and our watchman if there is one; {@code tiexec.helper}, the helper's process, our
 * descriptors of its input and of its errors; {@code tiexec.recording}, if an archive of our classes is to be made;
 * {@code tiexec.prepare}, the launcher that is to make the archives when the program runs. Where the program is to run as
 * somebody else: {@code tiexec.identity}, the ids in numbers; {@code tiexec.user} and {@code tiexec.groups}, what was looked
 * up for that. {@code tiexec.settings}, what the variable TIEXEC says.
 */
final class StartState {
    private static final String ENVIRONMENT = "TIEXEC_ENVIRON_";
    private static final String UNLIMITED = "unlimited";
    private static final long NANOS_PER_TICK = 10_000_000L;
    private static final int STAT_START_TIME = 22;
    private static final int STAT_PARENT = 4;
    private static final int STAT_AFTER_NAME = 3;

    /** A shell and {@code timeout} may stand between. */
    private static final int GENERATIONS = 3;

    private StartState() {}

    /**
     * What the program inherits.
     *
     * @param programArguments how many of our last arguments are the program's
     */
    static Inheritance inheritance(int programArguments) throws IOException {
        List<byte[]> commandLine = strings(read("/proc/self/cmdline"));
        List<byte[]> argv = commandLine.subList(commandLine.size() - programArguments, commandLine.size());
        Optional<String> mask = property("tiexec.mask");
        return new Inheritance(
                argv,
                environment(),
                mask.isPresent() ? mask(mask) : currentMask(),
                mask(property("tiexec.ignored")),
                descriptors(),
                limits(),
                directory(),
                mask.isPresent(),
                identity());
    }

    /** {@code user:group:supplementary,supplementary}, in numbers. */
    private static Optional<Identity> identity() {
        Optional<String> property = property("tiexec.identity");
        if (property.isEmpty()) {
            return Optional.empty();
        }
        String[] fields = property.get().split(":", -1);
        List<Long> groups = new ArrayList<>();
        for (String group : fields[2].split(",", -1)) {
            if (!group.isEmpty()) {
                groups.add(Long.valueOf(group));
            }
        }
        return Optional.of(new Identity(Long.parseLong(fields[0]), Long.parseLong(fields[1]), groups));
    }

    /** Whom the launcher has looked up. */
    static Optional<OtherUser> lookedUp() {
        Optional<String> user = property("tiexec.user");
        return user.isPresent() ? Optional.of(new OtherUser(user.get(), property("tiexec.groups"))) : Optional.empty();
    }

    /** What the variable TIEXEC says, if it is set. */
    static Optional<String> settings() {
        return property("tiexec.settings");
    }

    /** The process that is to become the program, if the launcher has left that to its own. */
    static Optional<Holder> holder() {
        Optional<String> place = property("tiexec.place");
        Optional<String> helper = property("tiexec.helper");
        if (place.isEmpty() || helper.isEmpty()) {
            return Optional.empty();
        }
        String[] process = place.get().split(":", -1);
        String[] peer = helper.get().split(":", -1);
        return Optional.of(new Holder(
                Integer.parseInt(process[0]),
                Integer.parseInt(process[1]),
                process.length > 2 ? Integer.parseInt(process[2]) : 0,
                Integer.parseInt(peer[0]),
                Integer.parseInt(peer[1]),
                Integer.parseInt(peer[2]),
                property("tiexec.recording").isPresent(),
                property("tiexec.prepare")));
    }

    /**
     * Whether this process has come to be a descendant of another one, which then takes orphans for its own: a launch in
     * place would leave it children that it does not know.
     */
    static boolean descendsFrom(int pid) throws IOException {
        String process = "self";
        for (int generation = 0; generation < GENERATIONS; generation++) {
            process = fields(process)[STAT_PARENT - STAT_AFTER_NAME];
            if (process.equals(Integer.toString(pid))) {
                return true;
            }
            if (process.length() == 1) {
                // 1, or 0 for a parent in another namespace
                return false;
            }
        }
        return false;
    }

    private static String[] fields(String process) throws IOException {
        String stat = text("/proc/" + process + "/stat");
        return stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    }

    /** The variables as the launcher was given them: a shell drops names that it does not like and changes PWD. */
    private static List<byte[]> environment() throws IOException {
        if (property("tiexec.home").isEmpty()) {
            return strings(read("/proc/self/environ"));
        }
        StringBuilder block = new StringBuilder();
        int part = 0;
        for (String next = System.getenv(ENVIRONMENT + part); next != null; next = System.getenv(ENVIRONMENT + part)) {
            block.append(next);
            part++;
        }
        return strings(Base64.getDecoder().decode(block.toString()));
    }

    /** Without a method reference, which costs a cold JVM some milliseconds. */
    private static Optional<Integer> directory() {
        Optional<String> descriptor = property("tiexec.directory");
        return descriptor.isPresent() ? Optional.of(Integer.valueOf(descriptor.get())) : Optional.empty();
    }

    private static List<ResourceLimit> limits() {
        List<ResourceLimit> limits = new ArrayList<>();
        for (String limit : property("tiexec.limits").orElse("").split(" ", -1)) {
            String[] fields = limit.split(":", -1);
            if (fields.length > 2) {
                limits.add(new ResourceLimit(Integer.parseInt(fields[0]), bound(fields[1]), bound(fields[2])));
            }
        }
        return limits;
    }

    private static long bound(String text) {
        return text.equals(UNLIMITED) ? ResourceLimit.UNLIMITED : Long.parseLong(text);
    }

    private static long mask(Optional<String> hexadecimal) {
        return Long.parseUnsignedLong(hexadecimal.orElse("0"), 16);
    }

    /** The signals that this process was started with ignored; bit N−1 stands for signal N. */
    static long ignoredSignals() {
        return mask(property("tiexec.ignored"));
    }

    private static Optional<String> property(String name) {
        return Optional.ofNullable(System.getProperty(name));
    }

    /** The mask of the process's first thread, which the JVM leaves as it was inherited. */
    private static long currentMask() throws IOException {
        try {
            return new SignalSets(read("/proc/self/status")).blocked();
        } catch (ProcFormatException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    private static Set<Integer> descriptors() {
        Set<Integer> descriptors = new HashSet<>();
        for (String descriptor : property("tiexec.descriptors").orElse("0 1 2").split(" ", -1)) {
            if (!descriptor.isEmpty()) {
                descriptors.add(Integer.valueOf(descriptor));
            }
        }
        return descriptors;
    }

    /** How long ago this process was started, in nanoseconds, to a hundredth of a second. */
    static long ageNanos() {
        try {
            long startTicks = Long.parseLong(fields("self")[STAT_START_TIME - STAT_AFTER_NAME]);
            String uptime = text("/proc/uptime");
            long upTicks =
                    Long.parseLong(uptime.substring(0, uptime.indexOf(' ')).replace(".", ""));
            return Math.max(0, upTicks - startTicks) * NANOS_PER_TICK;
        } catch (IOException | NumberFormatException e) {
            return 0;
        }
    }

    private static List<byte[]> strings(byte[] block) {
        List<byte[]> strings = new ArrayList<>();
        int start = 0;
        for (int i = 0; i < block.length; i++) {
            if (block[i] == 0) {
                strings.add(Arrays.copyOfRange(block, start, i));
                start = i + 1;
            }
        }
        return strings;
    }

    private static String text(String file) throws IOException {
        return new String(read(file), StandardCharsets.US_ASCII);
    }

    private static byte[] read(String file) throws IOException {
        try (FileInputStream in = new FileInputStream(file)) {
            return in.readAllBytes();
        }
    }
}
