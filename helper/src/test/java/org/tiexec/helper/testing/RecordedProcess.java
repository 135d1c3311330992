package org.tiexec.helper.testing;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import org.tiexec.helper.proc.ProcessFacts;
import org.tiexec.protocol.procfs.AuxiliaryVector;
import org.tiexec.protocol.procfs.Mapping;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.protocol.procfs.ProcFormatException;

/** A real program as it ran once: its maps and its auxiliary vector, from the directory {@code processes}. */
public final class RecordedProcess {
    /** The process id that every recording gets. */
    public static final int PID = 4242;

    /** Programs of every kind: non-PIE, PIE, static, static PIE, Go, deleted; running or at their exec stop. */
    public static final List<String> NAMES = List.of(
            "bash",
            "c-static",
            "c-static-pie",
            "c-static-pie-exec-stop",
            "cc1plus",
            "deleted",
            "etcd",
            "gdb",
            "gdb-exec-stop",
            "go-pie",
            "go-static",
            "java",
            "node",
            "node-exec-stop",
            "perl",
            "postgres",
            "prometheus",
            "python3",
            "sleep",
            "sqlite3");

    private final String name;

    private RecordedProcess(String name) {
        this.name = name;
    }

    public static RecordedProcess named(String name) {
        return new RecordedProcess(name);
    }

    public byte[] maps() {
        return bytes("maps");
    }

    public byte[] auxv() {
        return HexFormat.of().parseHex(new String(bytes("auxv"), StandardCharsets.US_ASCII).replace("\n", ""));
    }

    public ProcessFacts facts() {
        return new ProcessFacts(
                PID,
                "/recorded/" + name,
                mappings(),
                new AuxiliaryVector(auxv()).programHeaders(),
                List.of(),
                List.of());
    }

    public List<Mapping> mappings() {
        try {
            return MapsParser.parse(maps());
        } catch (ProcFormatException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] bytes(String kind) {
        String resource = "/processes/" + name + "." + kind;
        try (InputStream in = RecordedProcess.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalArgumentException("no " + resource);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
