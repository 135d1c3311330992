package org.tiexec.helper.cli;

import java.io.IOException;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageWriter;

/** An answer of one line. */
final class MessageReply implements Reply {
    private final Message message;

    MessageReply(Message message) {
        this.message = message;
    }

    @Override
    public void sendTo(MessageWriter writer) throws IOException {
        writer.send(message);
    }
}
