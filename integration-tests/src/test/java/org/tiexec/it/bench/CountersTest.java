package org.tiexec.it.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What perf stat writes is understood. */
final class CountersTest {
    @Test
    void countersThatWereNotCountedAreLeftOut() {
        assertThat(Counters.parse("""
                # started on Sat Nov 21 17:00:00 2026

                12345,,iTLB-load-misses,1000,100.00,,
                <not supported>,,cycles,0,100.00,,
                98.5,msec,task-clock,98500000,100.00,0.985,CPUs utilized
                """))
                .containsEntry("iTLB-load-misses", 12345.0)
                .containsEntry("task-clock", 98.5)
                .hasSize(2);
    }
}
