package org.tiexec.packaging;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** The manual page of one command in the language of man(7). */
final class ManualPage {
    private final CommandSpec command;
    private final String parent;
    private final String version;
    private final LocalDate date;
    private final StringBuilder text = new StringBuilder();

    /**
     * Nothing is written before {@link #text}.
     *
     * @param parent the name of the page of which this command is a subcommand, or empty
     */
    ManualPage(CommandSpec command, String parent, String version, Instant time) {
        this.command = command;
        this.parent = parent;
        this.version = version;
        this.date = time.atOffset(ZoneOffset.UTC).toLocalDate();
    }

    /** What follows {@code man}: {@code tracer-run} for {@code tracer run}. */
    String name() {
        return parent.isEmpty() ? command.name() : parent + "-" + lastWord(command.name());
    }

    /** Those of a command that have a page: what programs alone call, has none. */
    static List<CommandSpec> subcommands(CommandSpec command) {
        return command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .filter(each -> !each.usageMessage().hidden())
                .filter(each -> each.options().stream().anyMatch(option -> !isStandard(option)))
                .toList();
    }

    String text() {
        List<String> description = List.of(command.usageMessage().description());
        line(".TH " + quoted(name().toUpperCase(Locale.ROOT)) + " 1 " + date + " " + quoted("TiExec " + version) + " "
                + quoted("User Commands"));
        line(".SH NAME");
        line(escaped(name()) + " \\- " + escaped(brief(description.get(0))));
        line(".SH SYNOPSIS");
        synopsis();
        line(".SH DESCRIPTION");
        description.forEach(this::paragraph);
        commands();
        options();
        footer();
        seeAlso();
        return text.toString();
    }

    private void synopsis() {
        List<CommandSpec> below = subcommands(command);
        if (below.isEmpty()) {
            line(".nf");
            for (String each : synopsisText().split("\n", -1)) {
                if (!each.isBlank()) {
                    line(escaped(each.strip()));
                }
            }
            line(".fi");
            return;
        }
        for (CommandSpec each : below) {
            line(".B " + escaped(command.name() + " " + lastWord(each.name())));
            line("\\&...");
            line(".br");
        }
        line(".B " + escaped(command.name()));
        line("["
                + command.options().stream()
                        .map(option -> "\\fB" + escaped(option.longestName()) + "\\fR")
                        .collect(Collectors.joining(" | "))
                + "]");
    }

    private String synopsisText() {
        return new CommandLine.Help(command, CommandLine.Help.defaultColorScheme(Ansi.OFF)).synopsis(0);
    }

    private void commands() {
        List<CommandSpec> below = command.subcommands().values().stream()
                .map(CommandLine::getCommandSpec)
                .toList();
        if (below.isEmpty()) {
            return;
        }
        line(".SH COMMANDS");
        for (CommandSpec each : below) {
            line(".TP");
            line(".B " + escaped(lastWord(each.name())));
            line(escaped(String.join(" ", each.usageMessage().description())));
            if (subcommands(command).contains(each)) {
                line("See");
                line(".BR " + escaped(name() + "-" + lastWord(each.name())) + " (1).");
            }
        }
    }

    private void options() {
        line(".SH OPTIONS");
        for (OptionSpec option : allOptions()) {
            line(".TP");
            List<String> names = new ArrayList<>();
            for (String each : option.names()) {
                String separator = option.arity().max() == 0 ? "" : each.startsWith("--") ? "=" : " ";
                String value = option.arity().max() == 0 ? "" : "\\fI" + escaped(option.paramLabel()) + "\\fR";
                names.add("\\fB" + escaped(each + separator) + "\\fR" + value);
            }
            line(String.join(", ", names));
            line(escaped(sentence(described(option))));
        }
        for (PositionalParamSpec each : command.positionalParameters()) {
            line(".TP");
            line(".I " + escaped(each.paramLabel()));
            line(escaped(sentence(String.join(" ", each.description()))));
        }
    }

    /** As they stand in the help: own ones first. */
    private List<OptionSpec> allOptions() {
        List<OptionSpec> all = new ArrayList<>();
        command.options().stream().filter(option -> option.group() != null).forEach(all::add);
        command.options().stream()
                .filter(option -> option.group() == null && !isStandard(option))
                .forEach(all::add);
        command.options().stream().filter(ManualPage::isStandard).forEach(all::add);
        return all;
    }

    private static String described(OptionSpec option) {
        List<String> candidates = new ArrayList<>();
        if (option.completionCandidates() != null) {
            option.completionCandidates().forEach(candidates::add);
        }
        return String.join(" ", option.description())
                .replace("${COMPLETION-CANDIDATES}", String.join(", ", candidates))
                .replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue()));
    }

    /** The lines after the options: {@code Heading:} and what belongs to it, which is shown as it is where indented. */
    private void footer() {
        boolean asItIs = false;
        for (String each : command.usageMessage().footer()) {
            boolean indented = each.startsWith("  ");
            if (asItIs && !indented) {
                line(".fi");
                line(".RE");
            } else if (!asItIs && indented) {
                line(".RS 2");
                line(".nf");
            }
            asItIs = indented;
            int colon = each.indexOf(':');
            if (indented) {
                line(escaped(each.strip()));
            } else if (each.equals("Examples:") || each.startsWith("Exit status:")) {
                line(".SH " + quoted(each.substring(0, colon).toUpperCase(Locale.ROOT)));
                if (colon + 1 < each.length()) {
                    line(escaped(each.substring(colon + 1).strip()));
                }
            } else if (each.startsWith("More:")) {
                // that is what SEE ALSO is for
            } else if (each.isBlank()) {
                line(".PP");
            } else {
                line(escaped(each));
            }
        }
        if (asItIs) {
            line(".fi");
            line(".RE");
        }
    }

    private void seeAlso() {
        Set<String> others = new LinkedHashSet<>();
        for (CommandSpec each : subcommands(command)) {
            others.add(name() + "-" + lastWord(each.name()));
        }
        if (!parent.isEmpty()) {
            others.add(parent);
        }
        others.add("tracer");
        others.add("helper");
        others.remove(name());
        line(".SH SEE ALSO");
        List<String> pages = List.copyOf(others);
        for (int i = 0; i < pages.size(); i++) {
            line(".BR " + escaped(pages.get(i)) + " (1)" + (i + 1 < pages.size() ? "," : ""));
        }
    }

    private void paragraph(String paragraph) {
        line(".PP");
        line(escaped(paragraph));
    }

    private static boolean isStandard(OptionSpec option) {
        return option.usageHelp() || option.versionHelp();
    }

    private static String lastWord(String name) {
        return name.substring(name.lastIndexOf(' ') + 1);
    }

    /** As whatis(1) lists it. */
    private static String brief(String sentence) {
        int end = sentence.indexOf(". ");
        String first = end < 0 ? sentence : sentence.substring(0, end);
        String begin = first.substring(0, 1).toLowerCase(Locale.ROOT);
        return begin + (first.endsWith(".") ? first.substring(1, first.length() - 1) : first.substring(1));
    }

    private static String sentence(String words) {
        String begun = words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
        return begun.endsWith(".") ? begun : begun + ".";
    }

    private static String quoted(String words) {
        return "\"" + escaped(words) + "\"";
    }

    /** What troff takes for commands of its own; a dash is one that can be pasted into a command line. */
    private static String escaped(String words) {
        String plain = words.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq");
        return plain.startsWith(".") ? "\\&" + plain : plain;
    }

    private void line(String line) {
        text.append(line).append('\n');
    }
}
