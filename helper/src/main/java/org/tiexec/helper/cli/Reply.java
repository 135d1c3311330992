package org.tiexec.helper.cli;

import java.io.IOException;
import org.tiexec.protocol.wire.MessageWriter;

/** What is sent in answer to a message. */
interface Reply {
    /** Sends it. */
    void sendTo(MessageWriter writer) throws IOException;
}
