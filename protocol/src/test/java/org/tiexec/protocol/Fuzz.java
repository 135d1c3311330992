package org.tiexec.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import java.util.Random;

/** Inputs that are almost right: a seed decides where the bytes of a good one are changed. */
public final class Fuzz {
    private static final int SOAK_FACTOR = 50;
    private static final long MAX_NANOS = 5_000_000_000L;
    private static final long MAX_ALLOCATED = 256L << 20;
    private static final int MAX_CHANGES = 4;
    private static final int MAX_PIECE = 24;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final long seed;
    private final Random random;
    private final List<byte[]> samples;
    private final List<String> tokens;

    /**
     * Starts with the seed of {@code -Dtiexec.fuzz.seed}, else with a new one.
     *
     * @param samples good inputs
     * @param tokens pieces of text that matter to the reader of these inputs
     */
    public Fuzz(List<byte[]> samples, List<String> tokens) {
        this.seed = Long.getLong("tiexec.fuzz.seed", System.nanoTime());
        this.random = new Random(seed);
        this.samples = samples;
        this.tokens = tokens;
        System.out.println("fuzz seed: -Dtiexec.fuzz.seed=" + seed);
    }

    /** How many inputs to make: as many as given, or with {@code -Psoak} fifty times as many. */
    public static int inputs(int inTheGate) {
        return Boolean.getBoolean("tiexec.soak") ? inTheGate * SOAK_FACTOR : inTheGate;
    }

    /** Inputs that were written down, one a line, with {@code \\n} for a newline and {@code \\xNN} for any byte. */
    public static List<byte[]> corpus(String name) {
        try (InputStream in = Objects.requireNonNull(Fuzz.class.getResourceAsStream("corpus/" + name), name)) {
            return new String(in.readAllBytes(), UTF_8)
                    .lines()
                    .filter(line -> !line.startsWith("#"))
                    .map(Fuzz::unescaped)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] unescaped(String line) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int i = 0; i < line.length(); i++) {
            char c = line.charAt(i);
            if (c == '\\' && line.startsWith("\\n", i)) {
                bytes.write('\n');
                i++;
            } else if (c == '\\' && line.startsWith("\\x", i)) {
                bytes.write(Integer.parseInt(line, i + 2, i + 4, 16));
                i += 3;
            } else {
                bytes.writeBytes(String.valueOf(c).getBytes(UTF_8));
            }
        }
        return bytes.toByteArray();
    }

    /** What is done with one input. */
    public interface Trial {
        /** Whether the input was accepted. */
        boolean accepts(byte[] input) throws Exception;
    }

    /**
     * Tries an input within bounds of time and memory.
     *
     * @throws AssertionError with the seed and the input if it throws anything or goes beyond the bounds
     */
    public boolean tries(byte[] input, Trial trial) {
        long allocated = THREADS.getCurrentThreadAllocatedBytes();
        long start = System.nanoTime();
        boolean accepted;
        try {
            accepted = trial.accepts(input);
        } catch (Exception | AssertionError | StackOverflowError | OutOfMemoryError e) {
            throw new AssertionError(seed() + " gives " + escaped(input), e);
        }
        long nanos = System.nanoTime() - start;
        allocated = THREADS.getCurrentThreadAllocatedBytes() - allocated;
        if (nanos > MAX_NANOS || allocated > MAX_ALLOCATED) {
            throw new AssertionError(
                    seed() + " takes " + nanos + " ns and " + allocated + " bytes for " + escaped(input));
        }
        return accepted;
    }

    /** In the form of a line of a corpus. */
    private static String escaped(byte[] input) {
        StringBuilder line = new StringBuilder();
        for (byte b : input) {
            line.append(b == '\n' ? "\\n" : b >= ' ' && b < 0x7f && b != '\\' ? "" + (char) b : "\\x%02x".formatted(b));
        }
        return line.toString();
    }

    /** How to come back to the same inputs. */
    public String seed() {
        return "-Dtiexec.fuzz.seed=" + seed;
    }

    /** A number from 0 to {@code bound} − 1. */
    public int number(int bound) {
        return random.nextInt(bound);
    }

    /** The next input. */
    public byte[] next() {
        byte[] input = samples.get(random.nextInt(samples.size()));
        int changes = 1 + random.nextInt(MAX_CHANGES);
        for (int i = 0; i < changes; i++) {
            input = changed(input);
        }
        return input;
    }

    private byte[] changed(byte[] input) {
        int at = random.nextInt(input.length + 1);
        int length = Math.min(random.nextInt(MAX_PIECE), input.length - at);
        return switch (random.nextInt(7)) {
            case 0 -> splice(input, at, Math.min(1, input.length - at), new byte[] {(byte) random.nextInt(256)});
            case 1 -> splice(input, at, 0, new byte[] {(byte) random.nextInt(256)});
            case 2 -> splice(input, at, length, new byte[0]);
            case 3 -> splice(input, at, length, token());
            case 4 -> splice(input, at, 0, token());
            case 5 -> splice(input, at, 0, piece(samples.get(random.nextInt(samples.size()))));
            default -> splice(input, at, length, digits());
        };
    }

    private byte[] token() {
        return tokens.get(random.nextInt(tokens.size())).getBytes(UTF_8);
    }

    private byte[] digits() {
        return Long.toHexString(random.nextLong() >>> random.nextInt(64)).getBytes(UTF_8);
    }

    private byte[] piece(byte[] other) {
        int from = random.nextInt(other.length + 1);
        int to = Math.min(other.length, from + random.nextInt(MAX_PIECE * 4));
        return splice(other, to, other.length - to, new byte[0], from);
    }

    private static byte[] splice(byte[] input, int at, int removed, byte[] inserted) {
        return splice(input, at, removed, inserted, 0);
    }

    /** The input from {@code start} on, with a piece of it replaced. */
    private static byte[] splice(byte[] input, int at, int removed, byte[] inserted, int start) {
        int head = at - start;
        int tail = input.length - at - removed;
        byte[] result = new byte[head + inserted.length + tail];
        System.arraycopy(input, start, result, 0, head);
        System.arraycopy(inserted, 0, result, head, inserted.length);
        System.arraycopy(input, at + removed, result, head + inserted.length, tail);
        return result;
    }
}
