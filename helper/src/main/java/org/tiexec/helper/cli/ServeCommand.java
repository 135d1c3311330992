package org.tiexec.helper.cli;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.tiexec.helper.snapshot.Crew;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.protocol.wire.ProtocolException;

/**
 * {@code helper serve}: the tracer's peer, which answers its messages until it hangs up.
 *
 * <p>A program waits for every millisecond that passes here. So nothing on this path uses lambdas, streams, regular
 * expressions, formatting or picocli, each of which costs a JVM that has just started between 5 and 100 ms.
 */
final class ServeCommand {
    private final File root;
    private final InputStream in;
    private final OutputStream out;
    private final PrintStream errors;

    /**
     * Waits for {@link #run}.
     *
     * @param root the directory that holds {@code proc} and {@code sys}; {@code /} but in tests
     * @param in from the tracer
     * @param out to the tracer, and for nothing else
     * @param errors for people
     */
    ServeCommand(File root, InputStream in, OutputStream out, PrintStream errors) {
        this.root = root;
        this.in = in;
        this.out = out;
        this.errors = errors;
    }

    /**
     * Says hello, then answers until the tracer closes its end.
     *
     * @return the exit status
     */
    int run() {
        try {
            CopyPreparation preparation = CopyPreparation.begin(root);
            Rehearsal.run();
            converse(preparation.await());
            return ExitStatus.OK;
        } catch (ProtocolException | ConversationException e) {
            errors.println("helper: " + e.getMessage());
        } catch (IOException e) {
            errors.println("helper: the tracer cannot be reached: " + e.getMessage());
        }
        return ExitStatus.FAILED;
    }

    private void converse(CopyPreparation.Ready ready) throws ProtocolException, ConversationException, IOException {
        try (Crew crew = ready.crew();
                Conversation conversation = new Conversation(ready.calls(), crew, root)) {
            MessageReader reader = new MessageReader(in);
            MessageWriter writer = new MessageWriter(out);
            writer.send(new Message.Hello(Message.PROTOCOL_VERSION, ready.pid()));
            Optional<Message> message = reader.next();
            while (message.isPresent()) {
                message.get().match(conversation).sendTo(writer);
                message = reader.next();
            }
        }
    }
}
