package org.tiexec.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.List;
import java.util.Random;

/** Inputs that are almost right: a seed decides where the bytes of a good one are changed. */
public final class Fuzz {
    private static final int MAX_CHANGES = 4;
    private static final int MAX_PIECE = 24;

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
