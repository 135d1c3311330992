package org.tiexec.it.bench;

import java.io.IOException;

/** Something that can be measured. */
interface Benchmark {
    Section run() throws IOException, InterruptedException;
}
