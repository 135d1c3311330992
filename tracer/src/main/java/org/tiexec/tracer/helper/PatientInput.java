package org.tiexec.tracer.helper;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Optional;

/**
 * A pipe of which no read waits longer than a deadline.
 *
 * <p>A thread of its own waits for the bytes, for ever if need be: whoever holds the other end of the pipe, perhaps a
 * process that outlives the helper, cannot hold up the reader. For one reading thread.
 */
final class PatientInput extends InputStream implements Runnable {
    private static final int BUFFER = 8192;

    private final InputStream pipe;
    private final Duration patience;
    private final byte[] buffer = new byte[BUFFER];
    private int start;
    private int end;
    private boolean started;
    private boolean ended;
    private Optional<IOException> failure = Optional.empty();
    private long deadline;

    /** Reads from {@code pipe}; each answer may take {@code patience}. */
    PatientInput(InputStream pipe, Duration patience) {
        this.pipe = pipe;
        this.patience = patience;
    }

    /** From now on an answer is waited for. */
    synchronized void beginToWait() {
        deadline = System.nanoTime() + patience.toNanos();
        if (!started) {
            started = true;
            Thread thread = new Thread(this, "helper answers");
            thread.setDaemon(true);
            thread.start();
        }
    }

    @Override
    public void run() {
        byte[] bytes = new byte[BUFFER];
        try {
            int count = pipe.read(bytes);
            while (count >= 0) {
                hand(bytes, count);
                count = pipe.read(bytes);
            }
            end(Optional.empty());
        } catch (IOException e) {
            end(Optional.of(e));
        } catch (InterruptedException e) {
            // Nobody interrupts this thread but the end of the process.
            Thread.currentThread().interrupt();
        }
    }

    private synchronized void hand(byte[] bytes, int count) throws InterruptedException {
        while (start < end) {
            wait();
        }
        System.arraycopy(bytes, 0, buffer, 0, count);
        start = 0;
        end = count;
        notifyAll();
    }

    private synchronized void end(Optional<IOException> reason) {
        ended = true;
        failure = reason;
        notifyAll();
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public synchronized int read(byte[] to, int offset, int length) throws IOException {
        awaitBytes();
        if (start == end) {
            if (failure.isPresent()) {
                throw failure.get();
            }
            return -1;
        }
        int count = Math.min(length, end - start);
        System.arraycopy(buffer, start, to, offset, count);
        start += count;
        notifyAll();
        return count;
    }

    private void awaitBytes() throws IOException {
        try (UnbrokenWait answer = new UnbrokenWait(deadline)) {
            while (start == end && !ended) {
                if (!answer.on(this)) {
                    throw new SilentHelperException(patience);
                }
            }
        }
    }
}
