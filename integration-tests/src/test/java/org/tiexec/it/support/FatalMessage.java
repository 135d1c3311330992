package org.tiexec.it.support;

import java.util.List;
import org.tiexec.it.support.MessageRelay.Sender;

/** An installation in which one message between tracer and helper is the last that one of the three processes sees. */
public final class FatalMessage {
    private static final String ACT = """
            my ($victim, $moment) = qw(VICTIM MOMENT);
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
            sub act {
                my ($from, $line) = @_;
                strike() if $moment eq 'BEFORE';
                put($to{$from}, $moment eq 'WITHIN' ? substr($line, 0, length($line) / 2) : $line);
                strike() if $moment ne 'BEFORE';
            }
            """;

    private final MessageRelay relay;

    /** Who is killed. */
    public enum Victim {
        HELPER,
        TRACER,
        PROGRAM
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
        relay = new MessageRelay(
                lab, sender, number, ACT.replace("VICTIM", victim.name()).replace("MOMENT", moment.name()));
    }

    /** The command {@code tracer run} of this installation. */
    public TracerRun tracer(String... options) {
        return relay.installation().tracer(options);
    }

    /** The command {@code tracer attach} of this installation. */
    public TracerAttach attach(String... options) {
        return relay.installation().attach(options);
    }

    /** The types of the messages of one side that were seen, in order. */
    public List<String> messages(Sender sender) {
        return relay.messages(sender);
    }
}
