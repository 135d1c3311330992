package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What {@code perf stat} counts in a process while a command runs. */
final class Counters {
    private static final Path SOURCES = Path.of("/sys/bus/event_source/devices");
    private static final String PROCESSOR_EVENTS = "iTLB-load-misses,cycles";

    private final String events;
    private final Path file;

    private Counters(String events, Path file) {
        this.events = events;
        this.file = file;
    }

    static Counters of(Options options, Scratch scratch) {
        return new Counters(events(options), scratch.directory().resolve("counted"));
    }

    /** One line for people. */
    static String availability(Options options) {
        String events = events(options);
        if (!events.isEmpty()) {
            return "perf stat counts " + events;
        }
        return hasProcessorEvents()
                ? "no iTLB-load-misses: no perf; as root: apt-get install linux-perf"
                : "no iTLB-load-misses or cycles: this machine has no PMU";
    }

    private static String events(Options options) {
        boolean hasPerf = Program.find("perf").isPresent();
        return hasPerf ? options.value("events").orElse(hasProcessorEvents() ? PROCESSOR_EVENTS : "") : "";
    }

    private static boolean hasProcessorEvents() {
        try (Stream<Path> sources = Files.list(SOURCES)) {
            return sources.anyMatch(
                    source -> String.valueOf(source.getFileName()).matches("cpu(_core|_atom)?"));
        } catch (IOException e) {
            return false;
        }
    }

    /** The command, counted where that is possible. */
    List<String> around(long pid, List<String> command) {
        if (events.isEmpty()) {
            return command;
        }
        List<String> all = new ArrayList<>(List.of(
                "perf", "stat", "-x", ",", "-o", file.toString(), "-e", events, "-p", Long.toString(pid), "--"));
        all.addAll(command);
        return all;
    }

    /** What was counted during the last such command. */
    Map<String, Double> counted() throws IOException {
        return events.isEmpty() ? Map.of() : parse(Files.readString(file, StandardCharsets.UTF_8));
    }

    /** Reads lines of {@code value,unit,event,…}; what could not be counted has no number there. */
    static Map<String, Double> parse(String text) {
        Map<String, Double> counted = new LinkedHashMap<>();
        for (String line : text.lines().toList()) {
            String[] fields = line.split(",", -1);
            if (fields.length > 2 && fields[0].matches("[0-9.]+")) {
                counted.put(fields[2], Double.valueOf(fields[0]));
            }
        }
        return counted;
    }
}
