package org.tiexec.tracer.cli;

import org.tiexec.protocol.outcome.Attempt;
import org.tiexec.protocol.outcome.Phase;
import org.tiexec.protocol.outcome.Printable;
import org.tiexec.protocol.outcome.RegionOutcome;
import org.tiexec.protocol.outcome.RunReport;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.Region;

/** A report as the block of text that {@code -v} shows. */
final class ReportText {
    private static final String INDENT = "  ";
    private static final int TENTHS_PER_MILLI = 10;
    private static final long NANOS_PER_TENTH = 100_000;
    private static final int MB_SHIFT = 20;

    private ReportText() {}

    static String of(RunReport report) {
        StringBuilder text = new StringBuilder(512);
        text.append("tracer: ")
                .append(report.program())
                .append(" (pid ")
                .append(report.pid())
                .append("): ");
        text.append(headline(report)).append('\n');
        for (Attempt attempt : report.attempts()) {
            PlanHeader header = attempt.plan().header();
            for (int i = 0; i < header.regions().size(); i++) {
                appendRegion(
                        text, header, header.regions().get(i), attempt.regions().get(i));
            }
            for (String note : header.notes()) {
                text.append(INDENT).append("note: ").append(Printable.of(note)).append('\n');
            }
        }
        for (String note : report.noticed()) {
            text.append(INDENT).append("noticed: ").append(Printable.of(note)).append('\n');
        }
        for (int i = saysNothingToDo(report) ? 1 : 0; i < report.notes().size(); i++) {
            text.append(INDENT)
                    .append("not done: ")
                    .append(Printable.of(report.notes().get(i)))
                    .append('\n');
        }
        text.append(INDENT).append("time, ms:");
        String separator = " ";
        for (Phase phase : report.phases()) {
            text.append(separator).append(phase.name()).append(' ').append(millis(phase.nanos()));
            separator = ", ";
        }
        text.append("\n").append(INDENT);
        if (report.purpose() == Purpose.LAUNCH) {
            text.append("the program stood still for ").append(millis(report.stopNanos()));
            return text.append(" ms before its first instruction\n").toString();
        }
        if (report.stops().isEmpty()) {
            return text.append("it was never stopped\n").toString();
        }
        text.append("it ran on but for ").append(report.stops().size()).append(" stops of ");
        text.append(millis(report.longestStopNanos())).append(" ms at most, ");
        return text.append(millis(report.stopNanos())).append(" ms in all\n").toString();
    }

    /** The reason comes first, and says so itself. */
    private static boolean saysNothingToDo(RunReport report) {
        return report.outcome().equals("nothing-to-do") && !report.notes().isEmpty();
    }

    private static String headline(RunReport report) {
        if (saysNothingToDo(report)) {
            return Printable.of(report.notes().get(0));
        }
        return switch (report.outcome()) {
            case "swapped" -> "its code is on 2 MB pages";
            case "partly-swapped" -> "a part of its code is on 2 MB pages";
            case "undone" -> "its code is back on its files";
            case "partly-undone" -> "a part of its code is back on its files";
            case "not-undone" -> "its code was not brought back";
            case "nothing-to-do" -> "nothing to do";
            default -> "not on 2 MB pages";
        };
    }

    private static void appendRegion(StringBuilder text, PlanHeader header, Region region, RegionOutcome outcome) {
        text.append(INDENT)
                .append(region.id())
                .append(' ')
                .append(region.range())
                .append(' ');
        text.append(region.range().length() >> MB_SHIFT)
                .append(" MB of ")
                .append(Printable.of(outcome.file().isEmpty() ? header.exe() : outcome.file()))
                .append(", ");
        text.append(header.backing().wireName())
                .append(", ")
                .append(header.method().wireName())
                .append(": ");
        text.append("4 KB pages ")
                .append(outcome.before().base())
                .append(" -> ")
                .append(outcome.after().base());
        text.append(", 2 MB pages ")
                .append(outcome.before().huge())
                .append(" -> ")
                .append(outcome.after().huge());
        if (outcome.failure().isPresent()) {
            text.append(header.purpose() == Purpose.UNDO ? "; not taken back: " : "; not swapped: ");
            text.append(Printable.of(outcome.failure().get()));
        }
        text.append('\n');
    }

    private static String millis(long nanos) {
        long tenths = (nanos + NANOS_PER_TENTH / 2) / NANOS_PER_TENTH;
        return tenths / TENTHS_PER_MILLI + "." + tenths % TENTHS_PER_MILLI;
    }
}
