package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An installation whose real helper is spoken to through somebody in between, who does something else to one message. */
public final class MessageRelay {
    private static final String SCRIPT = """
            #!/usr/bin/perl
            use strict;
            use warnings;
            use IO::Select;
            my ($chosen_from, $chosen_number, $log) = qw(FROM NUMBER LOG);
            pipe(my $question_out, my $question_in) or die;
            pipe(my $answer_out, my $answer_in) or die;
            my $helper = fork();
            if (!$helper) {
                open(STDIN, '<&', $question_out);
                open(STDOUT, '>&', $answer_in);
                close($_) for ($question_out, $question_in, $answer_out, $answer_in);
                exec('HELPER', 'serve');
            }
            close($question_out);
            close($answer_in);
            open(my $lines, '>', $log) or die;
            $lines->autoflush(1);
            my $program;
            my %buffer = (TRACER => '', HELPER => '');
            my $sources = IO::Select->new(\\*STDIN, $answer_out);
            my %to = (TRACER => $question_in, HELPER => \\*STDOUT);

            sub put {
                my ($to, $bytes) = @_;
                while (length $bytes) {
                    my $count = syswrite($to, $bytes);
                    last unless $count;
                    substr($bytes, 0, $count) = '';
                }
            }
            ACT

            my %count = (TRACER => 0, HELPER => 0);
            $SIG{PIPE} = 'IGNORE';
            while (1) {
                for my $source ($sources->can_read()) {
                    my $from = fileno($source) == 0 ? 'TRACER' : 'HELPER';
                    if (!sysread($source, $buffer{$from}, 65536, length $buffer{$from})) {
                        exit(0) if $from eq 'HELPER';
                        $sources->remove($source);
                        close($question_in);
                        next;
                    }
                    while ($buffer{$from} =~ s/^(.*\\n)//) {
                        my $line = $1;
                        my ($type) = $line =~ /"type":"(\\w+)"/;
                        print $lines "$from $type\\n";
                        $program = $1 if $type eq 'start' && $line =~ /"pid":(\\d+)/;
                        if ($from eq $chosen_from && $count{$from}++ == $chosen_number) {
                            act($from, $line);
                        } else {
                            put($to{$from}, $line);
                        }
                    }
                }
            }
            """;

    private final Installation installation;
    private final Path log;

    /** Who sends a message. */
    public enum Sender {
        TRACER,
        HELPER
    }

    /**
     * Prepares one.
     *
     * @param sender whose message it is
     * @param number which of them, from 0; −1 for none
     * @param act in Perl, the function {@code act} of sender and line: it has {@code put} to pass on bytes {@code $to} the
     *     other, the process ids {@code $helper} and, once that is known, {@code $program}
     */
    MessageRelay(Lab lab, Sender sender, int number, String act) {
        log = lab.newFile("messages");
        installation = Installation.withHelper(
                lab,
                SCRIPT.replace("FROM", sender.name())
                        .replace("NUMBER", Integer.toString(number))
                        .replace("LOG", log.toString())
                        .replace("'HELPER', 'serve'", "'" + Lab.root().resolve("helper/bin/helper") + "', 'serve'")
                        .replace("ACT\n", act));
    }

    Installation installation() {
        return installation;
    }

    /** The types of the messages of one side that were seen, in order. */
    List<String> messages(Sender sender) {
        try {
            return Files.readAllLines(log, StandardCharsets.US_ASCII).stream()
                    .filter(line -> line.startsWith(sender + " "))
                    .map(line -> line.substring(sender.name().length() + 1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
