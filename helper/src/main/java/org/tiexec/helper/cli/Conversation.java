package org.tiexec.helper.cli;

import java.io.File;
import java.io.IOException;
import java.util.Optional;
import org.tiexec.helper.planner.Decision;
import org.tiexec.helper.planner.LivePlanner;
import org.tiexec.helper.proc.ProcessFiles;
import org.tiexec.helper.proc.UnreadableProcessException;
import org.tiexec.helper.snapshot.Crew;
import org.tiexec.helper.sys.NativeCalls;
import org.tiexec.protocol.wire.Message;

/** Answers the tracer's messages, one after the other; a new request for a plan replaces the plan before. */
final class Conversation
        implements Message.Cases<Reply, ConversationException>,
                Decision.Cases<Reply, ConversationException>,
                AutoCloseable {
    private final NativeCalls calls;
    private final Crew crew;
    private final File root;
    private Optional<Assignment> assignment = Optional.empty();

    /**
     * Begins without a plan.
     *
     * @param root the directory that holds {@code proc} and {@code sys}; {@code /} but in tests
     */
    Conversation(NativeCalls calls, Crew crew, File root) {
        this.calls = calls;
        this.crew = crew;
        this.root = root;
    }

    @Override
    public Reply start(Message.Start message) throws ConversationException {
        if (message.version() != Message.PROTOCOL_VERSION) {
            throw new ConversationException("the tracer speaks version " + message.version()
                    + " of the protocol, this helper version " + Message.PROTOCOL_VERSION
                    + ": install both from one build");
        }
        dismiss();
        try {
            return new LivePlanner(root).plan(message.pid(), message.settings()).match(this);
        } catch (UnreadableProcessException e) {
            return new MessageReply(new Message.Declined(false, String.valueOf(e.getMessage())));
        }
    }

    @Override
    public Reply proposed(Decision.Proposed decision) {
        ProcessFiles files = new ProcessFiles(root, decision.plan().header().pid());
        assignment = Optional.of(new Assignment(calls, crew, decision.plan(), files));
        return new PlanReply(decision.plan());
    }

    @Override
    public Reply declined(Decision.Declined decision) {
        return new MessageReply(new Message.Declined(decision.nothingToDo(), decision.reason()));
    }

    @Override
    public Reply task(Message.Task message) throws ConversationException {
        return new MessageReply(
                new Message.TaskDone(message.step(), current("do").perform(message.step(), message.to())));
    }

    @Override
    public Reply digest(Message.DigestRequest message) throws ConversationException {
        return new MessageReply(current("digest").digest(message.region()));
    }

    private Assignment current(String message) throws ConversationException {
        if (assignment.isEmpty()) {
            throw new ConversationException("the tracer sent \"" + message + "\" without having been given a plan");
        }
        return assignment.get();
    }

    private void dismiss() throws ConversationException {
        try {
            close();
        } catch (IOException e) {
            throw new ConversationException("the executable cannot be closed: " + e.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        if (assignment.isPresent()) {
            assignment.get().close();
            assignment = Optional.empty();
        }
    }

    @Override
    public Reply hello(Message.Hello message) throws ConversationException {
        throw notForUs("hello");
    }

    @Override
    public Reply declined(Message.Declined message) throws ConversationException {
        throw notForUs("declined");
    }

    @Override
    public Reply plan(Message.PlanStart message) throws ConversationException {
        throw notForUs("plan");
    }

    @Override
    public Reply step(Message.PlanStep message) throws ConversationException {
        throw notForUs("step");
    }

    @Override
    public Reply end(Message.PlanEnd message) throws ConversationException {
        throw notForUs("end");
    }

    @Override
    public Reply done(Message.TaskDone message) throws ConversationException {
        throw notForUs("done");
    }

    @Override
    public Reply digested(Message.Digested message) throws ConversationException {
        throw notForUs("digested");
    }

    @Override
    public Reply undigested(Message.Undigested message) throws ConversationException {
        throw notForUs("undigested");
    }

    private static ConversationException notForUs(String message) {
        return new ConversationException("the tracer sent \"" + message + "\", which only a helper sends");
    }
}
