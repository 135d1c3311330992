package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.it.bench.Section.Chart;

/**
 * What a launch through each launcher takes longer than a plain one: pairs, each of a plain run beside one through the
 * launcher, now the one first, now the other; the launchers take turns.
 */
final class LaunchBenchmark implements Benchmark {
    private static final Path DROP_CACHES = Path.of("/proc/sys/vm/drop_caches");
    private static final String ADDED = "added";

    private final Surroundings here;
    private final int rounds;
    private final boolean emptiesPageCache;

    LaunchBenchmark(Surroundings here) {
        this.here = here;
        this.rounds = here.options().number("runs", 30);
        this.emptiesPageCache =
                here.options().value("page-cache").filter("cold"::equals).isPresent();
    }

    /** One launcher with what was measured of it. */
    private static final class Contender {
        private final Launcher launcher;
        private final String name;
        private final Optional<ClassDataArchives> removed;
        private final Pairs whole = new Pairs();
        private final Pairs spoke = new Pairs();
        private String remark = "";

        Contender(Launcher launcher, String name, Optional<ClassDataArchives> removed) {
            this.launcher = launcher;
            this.name = name;
            this.removed = removed;
        }
    }

    @Override
    public Section run() throws IOException, InterruptedException {
        List<Row> rows = new ArrayList<>();
        List<String> notes = new ArrayList<>(here.notes());
        boolean hasArchives = false;
        for (Program program : here.programs()) {
            if (program.isMissing()) {
                rows.add(Row.skipped(program.name(), program.howToInstall()));
                continue;
            }
            if (!hasArchives && !program.isSilent()) {
                notes.addAll(here.makeArchives(program));
                hasArchives = true;
            }
            rows.addAll(compare(program));
        }
        notes.add("added: wall time of the whole command, pair by pair; interval: of the median, "
                + Section.coverage(rows, ADDED));
        notes.add("to output: added time until the first byte of output, which is that to the first instruction");
        notes.add("no archives: class-data archives are made by the launch that is measured; else they are there");
        return new Section(
                "launch",
                "time that a launch adds, ms, hugetlb, " + rounds + " pairs of runs, page cache "
                        + (emptiesPageCache ? "emptied before each run" : "warm"),
                List.of("program", "launcher"),
                rows,
                notes,
                new Chart.Bars(ADDED));
    }

    private List<Row> compare(Program program) throws IOException, InterruptedException {
        List<Contender> contenders = contenders(program);
        for (Contender contender : contenders) {
            prove(contender, program);
        }
        for (int round = -1; round < rounds; round++) {
            here.say(program.name() + ", round " + (round + 1) + " of " + rounds);
            for (Contender contender : contenders) {
                pair(contender, program, round);
            }
        }
        for (Contender contender : contenders) {
            prove(contender, program);
        }
        List<Row> rows = new ArrayList<>();
        for (Contender contender : contenders) {
            List<Figure> figures = new ArrayList<>();
            figures.add(new Figure("plain", Unit.MILLIS, contender.whole.bases()));
            figures.add(new Figure(ADDED, Unit.MILLIS, contender.whole.differences()));
            if (!program.isSilent()) {
                figures.add(new Figure("to output", Unit.MILLIS, contender.spoke.differences()));
            }
            rows.add(new Row(List.of(program.name(), contender.name), figures, contender.remark));
        }
        return rows;
    }

    private List<Contender> contenders(Program program) throws IOException {
        List<Contender> contenders = new ArrayList<>();
        List<String> archives = here.options().list("archives", "warm,cold");
        if (program.isSilent()) {
            // a look at its headers is all, whichever the Java
            Launcher launcher = here.tracer(here.javas().get(0), "auto");
            contenders.add(new Contender(launcher, "nothing to do", Optional.empty()));
        } else {
            for (JavaHome java : here.javas()) {
                for (String launch : here.options().list("launch", "in-place,child")) {
                    Launcher launcher = here.tracer(java, launch);
                    if (archives.contains("warm")) {
                        contenders.add(new Contender(launcher, launcher.name(), Optional.empty()));
                    }
                    // only the launch in place makes archives
                    if (archives.contains("cold") && launch.equals("in-place")) {
                        contenders.add(new Contender(
                                launcher,
                                launcher.name() + ", no archives",
                                Optional.of(new ClassDataArchives(here.root(), java))));
                    }
                }
            }
        }
        Launcher.baseline()
                .ifPresent(launcher -> contenders.add(new Contender(launcher, launcher.name(), Optional.empty())));
        return contenders;
    }

    private void pair(Contender contender, Program program, int round) throws IOException, InterruptedException {
        boolean plainFirst = round % 2 == 0;
        Optional<TimedRun> early = plainFirst ? Optional.of(plain(program)) : Optional.empty();
        if (contender.removed.isPresent()) {
            contender.removed.get().delete();
        }
        emptyPageCache();
        TimedRun run = TimedRun.of(contender.launcher, program, here.scratch());
        TimedRun plain = early.isPresent() ? early.get() : plain(program);
        if (round >= 0) {
            // the first pair only fills caches
            contender.whole.add(plain.whole(), run.whole());
            contender.spoke.add(plain.spoke(), run.spoke());
        }
    }

    private TimedRun plain(Program program) throws IOException, InterruptedException {
        emptyPageCache();
        return TimedRun.of(Launcher.plain(), program, here.scratch());
    }

    private void emptyPageCache() throws IOException {
        if (emptiesPageCache) {
            Files.writeString(DROP_CACHES, "3");
        }
    }

    /** Fails unless the very command that is measured puts the program's code on 2 MB pages, as smaps shows it. */
    private void prove(Contender contender, Program program) throws IOException, InterruptedException {
        if (program.isSilent()) {
            return;
        }
        try (HeldLaunch held = new HeldLaunch(contender.launcher, program, here.scratch())) {
            CodePages pages = CodePages.of(held.program(), program.executable());
            if (pages.large() == 0) {
                contender.remark = "its code is NOT on 2 MB pages";
                if (contender.launcher.promised().isPresent()) {
                    contender.remark = "has less than 2 MB of aligned code: nothing to do";
                }
            }
            if (contender.launcher.words().contains("--launch=in-place") && !held.isInPlace() && pages.large() > 0) {
                throw new BenchmarkException("not launched in place: " + contender.launcher.command(program.command()));
            }
        }
    }
}
