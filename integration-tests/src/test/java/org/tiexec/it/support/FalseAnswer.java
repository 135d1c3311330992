package org.tiexec.it.support;

import org.tiexec.it.support.MessageRelay.Sender;

/** An installation in which one message of the helper is not what the helper has said. */
public final class FalseAnswer {
    private final MessageRelay relay;

    /** What is passed on in place of a message. */
    public enum Lie {
        /** Nothing, for ever. */
        SILENCE("$sources->remove($answer_out); $buffer{$from} = '';"),
        /** The same about another step, region, process, or number of steps. */
        ABOUT_SOMETHING_ELSE("""
                $line =~ s/"(id|region)":"[^"]*"/"$1":"s999"/ || $line =~ s/"(pid|steps)":\\d+/"$1":1/;
                put($to{$from}, $line);
                """),
        ANOTHER_TYPE("""
                $line =~ s/"type":"(\\w+)"/'"type":"' . ($1 eq 'hello' ? 'end' : 'hello') . '"'/e;
                put($to{$from}, $line);
                """),
        GARBAGE("put($to{$from}, \"\\xff\\x00{[\\\"\\n\");"),
        HALF_A_LINE("put($to{$from}, substr($line, 0, length($line) / 2));"),
        TWICE("put($to{$from}, $line . $line);"),
        /** The end of all answers, while the helper lives. */
        END("close(STDOUT); $sources->remove($answer_out); $buffer{$from} = '';"),
        /** That a task has failed, which it has not. */
        A_FAILURE("""
                $line =~ s/"result":"[^"]*"/"failed":"EIO","errno":5/;
                put($to{$from}, $line);
                """);

        private final String act;

        Lie(String act) {
            this.act = act;
        }
    }

    /**
     * Prepares one.
     *
     * @param number which of the helper's messages, from 0
     */
    public FalseAnswer(Lab lab, Lie lie, int number) {
        relay = new MessageRelay(
                lab, Sender.HELPER, number, "sub act {\n    my ($from, $line) = @_;\n" + lie.act + "\n}\n");
    }

    /** The command {@code tracer attach} of this installation. */
    public TracerAttach attach(String... options) {
        return relay.installation().attach(options);
    }
}
