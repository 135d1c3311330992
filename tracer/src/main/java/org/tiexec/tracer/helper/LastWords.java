package org.tiexec.tracer.helper;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/**
 * What the helper writes to its standard error, of which only the beginning is kept.
 *
 * <p>It is read to its end whatever its length, so that the helper is never held up, but shown only if the helper fails:
 * standard error is the program's as well.
 */
final class LastWords implements Runnable {
    private static final int KEPT = 2048;
    private static final long MOMENT_NANOS = 200_000_000L;

    private final InputStream from;
    private final byte[] kept = new byte[KEPT];
    private int length;
    private boolean ended;

    private LastWords(InputStream from) {
        this.from = from;
    }

    /** Begins to read on a thread of its own. */
    static LastWords of(InputStream from) {
        LastWords words = new LastWords(from);
        Thread thread = new Thread(words, "helper errors");
        thread.setDaemon(true);
        thread.start();
        return words;
    }

    @Override
    public void run() {
        byte[] buffer = new byte[KEPT];
        try {
            int count = from.read(buffer);
            while (count >= 0) {
                keep(buffer, count);
                count = from.read(buffer);
            }
        } catch (IOException e) {
            // The helper was ended while we read: there is no more to come.
            end();
            return;
        }
        end();
    }

    private synchronized void end() {
        ended = true;
        notifyAll();
    }

    private synchronized void keep(byte[] bytes, int count) {
        int more = Math.min(count, KEPT - length);
        System.arraycopy(bytes, 0, kept, length, more);
        length += more;
    }

    /**
     * The first line, without control characters; empty if there is none. Waits a moment for the end, since a helper that
     * fails ends its answers and its errors at the same time.
     */
    synchronized String firstLine() {
        awaitEnd();
        String text = new String(kept, 0, length, StandardCharsets.UTF_8).strip();
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < text.length() && text.charAt(i) != '\n'; i++) {
            line.append(Character.isISOControl(text.charAt(i)) ? ' ' : text.charAt(i));
        }
        return line.toString().stripTrailing();
    }

    private void awaitEnd() {
        try (UnbrokenWait moment = new UnbrokenWait(System.nanoTime() + MOMENT_NANOS)) {
            boolean inTime = true;
            while (!ended && inTime) {
                inTime = moment.on(this);
            }
        }
    }
}
