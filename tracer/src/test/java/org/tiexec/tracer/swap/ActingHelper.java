package org.tiexec.tracer.swap;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.wire.Message;
import org.tiexec.protocol.wire.MessageReader;
import org.tiexec.protocol.wire.MessageWriter;
import org.tiexec.protocol.wire.ProtocolException;
import org.tiexec.tracer.helper.HelperConversation;
import org.tiexec.tracer.target.FakeTarget;

/** A helper in this very JVM that copies, as a process of its own would, in the memory of a fake target. */
final class ActingHelper {
    static final int PID = 4711;

    private final FakeTarget target;
    private final Planning planning;
    private final byte[] code;
    private final List<String> copies = new ArrayList<>();
    private int tasksUntilItDies = Integer.MAX_VALUE;
    private InputStream answers = InputStream.nullInputStream();

    /** Makes the plan for given settings. */
    interface Planning {
        Plan plan(Settings settings);
    }

    /** A helper that knows which bytes are to be in the new memory. */
    ActingHelper(FakeTarget target, byte[] code, Planning planning) {
        this.target = target;
        this.code = code;
        this.planning = planning;
    }

    /** Lets it end when it has done so many tasks. */
    void dieAfter(int tasks) {
        tasksUntilItDies = tasks;
    }

    /** What became of each access to the target's memory. */
    List<String> copies() {
        return List.copyOf(copies);
    }

    HelperConversation conversation() {
        return new HelperConversation(
                new InputStream() {
                    @Override
                    public int read() throws IOException {
                        return answers.read();
                    }

                    @Override
                    public int read(byte[] to, int offset, int length) throws IOException {
                        return answers.read(to, offset, length);
                    }
                },
                new OutputStream() {
                    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

                    @Override
                    public void write(int b) throws IOException {
                        if (b == '\n') {
                            hear(line.toByteArray());
                            line.reset();
                        } else {
                            line.write(b);
                        }
                    }
                });
    }

    private void hear(byte[] line) throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        MessageWriter out = new MessageWriter(said);
        try {
            Message message = MessageReader.parse(line);
            if (message instanceof Message.Start start) {
                out.send(planning.plan(start.settings()));
            } else if (message instanceof Message.Task task && tasksUntilItDies-- > 0) {
                out.send(new Message.TaskDone(task.step(), copy(task)));
            }
        } catch (ProtocolException e) {
            throw new IOException(e);
        }
        answers = new ByteArrayInputStream(said.toByteArray());
    }

    private StepResult copy(Message.Task task) {
        if (!target.admits(PID)) {
            copies.add("EPERM");
            return new StepResult.Failed(Errno.EPERM);
        }
        copies.add("copied");
        String step = task.step().text();
        if (step.startsWith("fill") || step.startsWith("restore")) {
            target.memory().write(task.to().bits(), code);
        }
        return new StepResult.Succeeded(code.length);
    }
}
