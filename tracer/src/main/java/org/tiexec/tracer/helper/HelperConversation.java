package org.tiexec.tracer.helper;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.Digest;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.protocol.wire.ProtocolException;

/** The tracer's side of the protocol: one question at a time, one fitting answer. For one thread. */
public final class HelperConversation implements HelperTasks {
    private static final Peer NOBODY = new Peer() {
        @Override
        public void isAsked() {
            // whoever has written the answers beforehand
        }

        @Override
        public String lastWords() {
            return "";
        }
    };
    private static final String REBUILD = " (rebuild both: mvn package)";

    private final MessageReader in;
    private final MessageWriter out;
    private final Peer peer;
    private Optional<HelperFailedException> failure = Optional.empty();

    /** Speaks through a pair of pipes, which stay open. */
    public HelperConversation(InputStream in, OutputStream out) {
        this(in, out, NOBODY);
    }

    /** The same with somebody who is told of each question. */
    HelperConversation(InputStream in, OutputStream out, Peer peer) {
        this.in = new MessageReader(in);
        this.out = new MessageWriter(out);
        this.peer = peer;
    }

    /**
     * Waits until the helper says that it is ready.
     *
     * @return its process id
     * @throws HelperFailedException if it says anything else or speaks another version
     */
    public int awaitHello() throws HelperFailedException {
        peer.isAsked();
        Message message = next();
        if (!(message instanceof Message.Hello hello)) {
            throw unexpected(message, "hello");
        }
        if (hello.version() != Message.PROTOCOL_VERSION) {
            throw new HelperFailedException(
                    "speaks protocol version " + hello.version() + ", not " + Message.PROTOCOL_VERSION + REBUILD);
        }
        return hello.pid();
    }

    /**
     * Asks for a plan, which {@link #awaitPlan} then reads.
     *
     * @param pid the target, which stands in a ptrace-stop
     * @throws HelperFailedException if the helper is gone
     */
    public void requestPlan(int pid, Settings settings) throws HelperFailedException {
        send(new Message.Start(Message.PROTOCOL_VERSION, pid, settings));
    }

    /**
     * Reads the plan that was asked for to its end.
     *
     * @throws HelperFailedException if the answer is no plan
     */
    public PlanAnswer awaitPlan() throws HelperFailedException {
        Message first = next();
        if (first instanceof Message.Declined declined) {
            return new PlanAnswer.Declined(declined.nothingToDo(), declined.reason());
        }
        if (!(first instanceof Message.PlanStart start)) {
            throw unexpected(first, "plan");
        }
        List<Step> steps = new ArrayList<>();
        Message message = next();
        while (message instanceof Message.PlanStep step) {
            if (steps.size() == Plan.MAX_STEPS) {
                throw new HelperFailedException("a plan of more than " + Plan.MAX_STEPS + " steps");
            }
            steps.add(step.step());
            message = next();
        }
        if (!(message instanceof Message.PlanEnd end) || end.steps() != steps.size()) {
            throw unexpected(message, "end of " + steps.size() + " steps");
        }
        return new PlanAnswer.Planned(new Plan(start.header(), steps));
    }

    @Override
    public StepResult perform(StepId step, Address to) throws HelperFailedException {
        send(new Message.Task(step, to));
        Message answer = next();
        if (answer instanceof Message.TaskDone done && done.step().equals(step)) {
            return done.result();
        }
        throw unexpected(answer, "done " + step);
    }

    /**
     * Asks for the SHA-256 of a region's bytes.
     *
     * @throws HelperFailedException if no proper answer comes
     */
    public Digest digest(RegionId region) throws HelperFailedException {
        send(new Message.DigestRequest(region));
        Message answer = next();
        if (answer instanceof Message.Digested digested && digested.region().equals(region)) {
            return new Digest.Sha256(digested.sha256());
        }
        if (answer instanceof Message.Undigested undigested
                && undigested.region().equals(region)) {
            return new Digest.Missing(undigested.reason());
        }
        throw unexpected(answer, "digest of " + region);
    }

    /** Whether it has failed once; then it is asked nothing more, and every question fails for the same reason. */
    public boolean hasFailed() {
        return failure.isPresent();
    }

    private void send(Message message) throws HelperFailedException {
        if (failure.isPresent()) {
            throw failure.get();
        }
        peer.isAsked();
        try {
            out.send(message);
        } catch (IOException e) {
            throw failed("is gone (" + e.getMessage() + ")" + lastWords(), e);
        }
    }

    private Message next() throws HelperFailedException {
        try {
            Optional<Message> message = in.next();
            if (message.isPresent()) {
                return message.get();
            }
        } catch (ProtocolException e) {
            throw failed("protocol error: " + e.getMessage() + REBUILD + lastWords(), e);
        } catch (SilentHelperException e) {
            throw failed(e.getMessage() + lastWords(), e);
        } catch (IOException e) {
            throw failed("cannot be read (" + e.getMessage() + ")", e);
        }
        String words = lastWords();
        throw failed(new HelperFailedException("ended before it answered"
                + (words.isEmpty() ? " (see why: helper/bin/helper serve </dev/null)" : words)));
    }

    private HelperFailedException failed(String reason, Throwable cause) {
        return failed(new HelperFailedException(reason, cause));
    }

    private HelperFailedException failed(HelperFailedException reason) {
        failure = Optional.of(reason);
        return reason;
    }

    private String lastWords() {
        String words = peer.lastWords();
        return words.isEmpty() ? "" : "; it said: " + words;
    }

    private HelperFailedException unexpected(Message message, String wanted) {
        return failed(new HelperFailedException("answered " + message + " instead of " + wanted + REBUILD));
    }
}
