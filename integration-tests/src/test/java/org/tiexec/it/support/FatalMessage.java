package org.tiexec.it.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An installation in which one message between tracer and helper is the last that one of the three processes sees. */
public final class FatalMessage {
    private static final String SCRIPT = """
            #!/usr/bin/perl
            use strict;
            use warnings;
            use IO::Select;
            my ($victim, $fatal_from, $fatal_number, $moment, $log) = qw(VICTIM FROM NUMBER MOMENT LOG);
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
            # a parent, or an orphan like us
            sub tracer {
                my $parent = getppid();
                return $parent if $parent != 1;
                for my $file (glob('/proc/[0-9]*/cmdline')) {
                    open(my $in, '<', $file) or next;
                    my $words = <$in> // '';
                    return $1 if $words =~ m{^[^\\0]*/java\\0.*-Dtiexec\\.helper=$$:}s && $file =~ /(\\d+)/;
                }
                die;
            }
            my $program;

            sub put {
                my ($to, $bytes) = @_;
                while (length $bytes) {
                    my $count = syswrite($to, $bytes);
                    last unless $count;
                    substr($bytes, 0, $count) = '';
                }
            }
            sub is_gone {
                open(my $stat, '<', "/proc/$_[0]/stat") or return 1;
                return (<$stat> // '') !~ /\\) [^ZX]/;
            }
            sub strike {
                if ($victim eq 'HELPER') {
                    kill('KILL', $helper);
                    waitpid($helper, 0);
                    kill('KILL', $$);
                }
                my $pid = $victim eq 'TRACER' ? tracer() : $program;
                kill('KILL', $pid);
                select(undef, undef, undef, 0.001) until is_gone($pid);
            }

            my %to = (TRACER => $question_in, HELPER => \\*STDOUT);
            my %buffer = (TRACER => '', HELPER => '');
            my %count = (TRACER => 0, HELPER => 0);
            my $sources = IO::Select->new(\\*STDIN, $answer_out);
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
                        my $is_fatal = $from eq $fatal_from && $count{$from}++ == $fatal_number;
                        strike() if $is_fatal && $moment eq 'BEFORE';
                        if ($is_fatal && $moment eq 'WITHIN') {
                            put($to{$from}, substr($line, 0, length($line) / 2));
                            strike();
                        } else {
                            put($to{$from}, $line);
                        }
                        strike() if $is_fatal && $moment eq 'AFTER';
                    }
                }
            }
            """;

    private final Installation installation;
    private final Path log;

    /** Who is killed. */
    public enum Victim {
        HELPER,
        TRACER,
        PROGRAM
    }

    /** Who sends the message. */
    public enum Sender {
        TRACER,
        HELPER
    }

    /** When, in relation to the moment in which the message is passed on. */
    public enum Moment {
        BEFORE,
        WITHIN,
        AFTER
    }

    /**
     * Prepares one.
     *
     * @param number which of the sender's messages, from 0; −1 for none
     */
    public FatalMessage(Lab lab, Victim victim, Sender sender, int number, Moment moment) {
        log = lab.newFile("messages");
        installation = Installation.withHelper(
                lab,
                SCRIPT.replace("VICTIM", victim.name())
                        .replace("FROM", sender.name())
                        .replace("NUMBER", Integer.toString(number))
                        .replace("MOMENT", moment.name())
                        .replace("LOG", log.toString())
                        .replace("'HELPER', 'serve'", "'" + Lab.root().resolve("helper/bin/helper") + "', 'serve'"));
    }

    /** The command {@code tracer run} of this installation. */
    public TracerRun tracer(String... options) {
        return installation.tracer(options);
    }

    /** The types of the messages of one side that were seen, in order. */
    public List<String> messages(Sender sender) {
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
