package org.tiexec.protocol.procfs;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Objects;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.memory.AddressRange;

/** The files of real processes under {@code src/test/resources}; README.md there says which. */
final class ProcFixtures {
    /** The names of all maps files. */
    static final List<String> PROGRAMS = List.of(
            "sleep",
            "bash",
            "perl",
            "python3",
            "gdb",
            "java",
            "postgres",
            "node",
            "cc1plus",
            "etcd",
            "prometheus",
            "go-static",
            "static",
            "static-pie",
            "weird",
            "huge");

    private ProcFixtures() {}

    static byte[] maps(String program) {
        return read("maps/" + program + ".maps");
    }

    static byte[] smaps(String program) {
        return read("smaps/" + program + ".smaps");
    }

    static byte[] auxv(String program) {
        return read("auxv/" + program + ".auxv");
    }

    static AddressRange range(String text) {
        int dash = text.indexOf('-');
        return new AddressRange(
                Address.parse("0x" + text.substring(0, dash)), Address.parse("0x" + text.substring(dash + 1)));
    }

    private static byte[] read(String name) {
        try (InputStream in = Objects.requireNonNull(ProcFixtures.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
