package org.tiexec.tracer.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.protocol.plan.NamePattern;

class GlobTest {
    private static Glob glob(String pattern) {
        return new Glob(new NamePattern(pattern));
    }

    @ParameterizedTest
    @CsvSource({
        "*rustc, /root/.rustup/toolchains/stable/bin/rustc",
        "cc1plus, /usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
        "cc1*, /usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
        "/usr/*/cc1plus, /usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
        "/usr/bin/python3.?, /usr/bin/python3.1",
        "*, /bin/sh",
        "a*b*c, /x/aabbcc",
        "cc1[a-z]*, /usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
    })
    void fits(String pattern, String path) {
        assertThat(glob(pattern).matches(path)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "rustc, /usr/bin/rustc-wrapper",
        "rust, /usr/bin/rustc",
        "/bin/rustc, /usr/bin/rustc",
        "bin/*, /usr/bin/rustc",
        "python3.?, /usr/bin/python3.11",
        "a*b*c, /x/aabb",
        "cc1[!p]*, /usr/lib/gcc/x86_64-linux-gnu/12/cc1plus",
    })
    void doesNotFit(String pattern, String path) {
        assertThat(glob(pattern).matches(path)).isFalse();
    }

    @Test
    void isDoneSoonWhateverThePattern() {
        Glob glob = glob("*a".repeat(50) + "b");

        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(5),
                () -> assertThat(glob.matches("a".repeat(4000))).isFalse());
    }
}
