package org.tiexec.it.bench;

import java.io.UncheckedIOException;
import org.tiexec.it.support.HugePagePool;

/** As many free 2 MB pages as any benchmark needs, for as long as this is open. */
final class Pool implements AutoCloseable {
    /** The largest program has 75. */
    private static final long NEEDED = 128;

    private final HugePagePool pool = new HugePagePool();

    Pool() {
        if (pool.available() < NEEDED) {
            try {
                pool.resize(pool.used() + NEEDED);
            } catch (UncheckedIOException e) {
                // not root: told below
            }
        }
        if (pool.available() < NEEDED) {
            pool.close();
            throw new BenchmarkException(NEEDED + " free pages of 2 MB needed, " + pool.available()
                    + " there; as root: sysctl vm.nr_hugepages=" + (pool.used() + NEEDED));
        }
    }

    long free() {
        return pool.available();
    }

    @Override
    public void close() {
        pool.close();
    }
}
