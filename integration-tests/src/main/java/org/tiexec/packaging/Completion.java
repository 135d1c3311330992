package org.tiexec.packaging;

import java.io.File;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/**
 * How bash completes the arguments of one command.
 *
 * <p>picocli's own generator neither completes {@code --option=value}, which bash sees as three words, nor the command line
 * after {@code --}.
 */
final class Completion {
    private static final String SCRIPT = """
            # bash completion for @NAME@(1)

            _tiexec_@NAME@()
            {
                local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} lead= option= words= at
                COMPREPLY=()
                # after --: another command line
                for ((at = 1; at < COMP_CWORD; at++)); do
                    if [[ ${COMP_WORDS[at]} == -- ]]; then
                        if declare -F _comp_command_offset >/dev/null; then
                            _comp_command_offset $((at + 1))
                        elif declare -F _command_offset >/dev/null; then
                            _command_offset $((at + 1))
                        elif ((at + 1 == COMP_CWORD)); then
                            compopt -o filenames
                            mapfile -t COMPREPLY < <(compgen -c -- "$current"; compgen -f -- "$current")
                        else
                            compopt -o filenames
                            mapfile -t COMPREPLY < <(compgen -f -- "$current")
                        fi
                        return
                    fi
                done
                # --option=value is one word or three, as COMP_WORDBREAKS has it
                if [[ $current == = ]]; then
                    option=$before current=
                elif [[ $before == = ]]; then
                    option=${COMP_WORDS[COMP_CWORD - 2]}
                elif [[ $current == --*=* ]]; then
                    option=${current%%=*} lead=$option= current=${current#*=}
                elif [[ $before == --* ]]; then
                    option=$before
                fi
                case ${COMP_WORDS[1]}:$option in
            @VALUES@
                    *)
                        [[ -z $lead ]] || current=$lead$current lead=
                        case $((COMP_CWORD > 1)):${COMP_WORDS[1]} in
            @WORDS@
                        esac
                        ;;
                esac
                mapfile -t COMPREPLY < <(compgen ${lead:+-P "$lead"} -W "$words" -- "$current")
                if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *= ]]; then
                    compopt -o nospace
                fi
            }

            complete -F _tiexec_@NAME@ @NAME@
            """;

    private final CommandSpec command;

    Completion(CommandSpec command) {
        this.command = command;
    }

    /** The script that bash reads. */
    String text() {
        StringBuilder values = new StringBuilder();
        StringBuilder words = new StringBuilder();
        for (Map.Entry<String, CommandSpec> each : subcommands().entrySet()) {
            for (OptionSpec option : each.getValue().options()) {
                if (option.arity().max() > 0) {
                    values.append(value(each.getKey(), option));
                }
            }
            words.append("                1:" + each.getKey() + ") words='"
                    + String.join(" ", optionWords(each.getValue())) + "' ;;\n");
        }
        List<String> first = new ArrayList<>(subcommands().keySet());
        first.addAll(optionWords(command));
        words.append("                0:*) words='" + String.join(" ", first) + "' ;;\n");
        return SCRIPT.replace("@NAME@", command.name())
                .replace("@VALUES@\n", values)
                .replace("@WORDS@\n", words);
    }

    private Map<String, CommandSpec> subcommands() {
        Map<String, CommandSpec> found = new LinkedHashMap<>();
        for (Map.Entry<String, CommandLine> each : command.subcommands().entrySet()) {
            found.put(each.getKey(), each.getValue().getCommandSpec());
        }
        return found;
    }

    private static String value(String subcommand, OptionSpec option) {
        String head = "        " + subcommand + ":" + option.longestName() + ")";
        if (option.completionCandidates() != null) {
            return head + " words='" + String.join(" ", option.completionCandidates()) + "' ;;\n";
        }
        if (option.type().equals(File.class) || List.of(option.auxiliaryTypes()).contains(File.class)) {
            String kind = option.paramLabel().equals("DIR") ? "-d" : "-f";
            return head + "\n            compopt -o filenames\n            mapfile -t COMPREPLY < <(compgen " + kind
                    + " ${lead:+-P \"$lead\"} -- \"$current\")\n            return\n            ;;\n";
        }
        if (option.paramLabel().equals("PID")) {
            return head + " words=$(cd /proc && echo [1-9]*) ;;\n";
        }
        return head + " return ;;\n";
    }

    private static List<String> optionWords(CommandSpec command) {
        List<String> words = new ArrayList<>();
        for (OptionSpec option : command.options()) {
            words.add(option.longestName() + (option.arity().max() > 0 ? "=" : ""));
        }
        if (!command.positionalParameters().isEmpty()) {
            words.add("--");
        }
        return words;
    }
}
