package org.tiexec.it.support;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** The kernel's pool of 2 MB pages, put back to its size when this is closed. */
public final class HugePagePool implements AutoCloseable {
    private static final Path POOL = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB");
    private static final Path TOTAL = POOL.resolve("nr_hugepages");
    private static final Path OVERCOMMIT = POOL.resolve("nr_overcommit_hugepages");
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private final long totalBefore = number(TOTAL);
    private final long overcommitBefore = number(OVERCOMMIT);
    private final long usedBefore = used();

    /** Reserves or gives back pages until exactly {@code wanted} can be had, surplus pages excluded. */
    public void provide(long wanted) {
        assumeTrue(Files.isWritable(TOTAL), "the size of the pool of 2 MB pages can only be set by root");
        write(OVERCOMMIT, 0);
        Awaitility.await(wanted + " free pages of 2 MB").atMost(DEADLINE).until(() -> {
            write(TOTAL, Math.max(0, number(TOTAL) + wanted - available()));
            return available() == wanted;
        });
    }

    /** Sets the number of pages as far as that is possible now, whoever uses them. */
    public void resize(long pages) {
        write(TOTAL, pages);
    }

    /** How many pages could be had now: free and not promised to somebody. */
    public long available() {
        return number(POOL.resolve("free_hugepages")) - number(POOL.resolve("resv_hugepages"));
    }

    /** How many pages are in use or promised now. */
    public long used() {
        return number(TOTAL) + number(POOL.resolve("surplus_hugepages")) - available();
    }

    /** Waits until no more pages are in use than when this was made; the kernel frees those of a dead process lazily. */
    public boolean isBackToWhereItWas() {
        long deadline = System.nanoTime() + Duration.ofSeconds(5).toNanos();
        while (used() > usedBefore) {
            if (System.nanoTime() > deadline) {
                return false;
            }
            Thread.onSpinWait();
        }
        return true;
    }

    @Override
    public void close() {
        if (number(TOTAL) != totalBefore || number(OVERCOMMIT) != overcommitBefore) {
            write(OVERCOMMIT, overcommitBefore);
            write(TOTAL, totalBefore);
        }
    }

    private static long number(Path file) {
        try {
            return Long.parseLong(
                    Files.readString(file, StandardCharsets.US_ASCII).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, long value) {
        try {
            Files.writeString(file, Long.toString(value), StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
