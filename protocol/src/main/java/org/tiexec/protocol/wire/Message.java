package org.tiexec.protocol.wire;

import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.outcome.StepResult;
import org.tiexec.protocol.plan.PlanHeader;
import org.tiexec.protocol.plan.RegionId;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.Step;
import org.tiexec.protocol.plan.StepId;

/** One line of the conversation between tracer and helper. */
public sealed interface Message {
    /** The version of the conversation that this code holds. */
    int PROTOCOL_VERSION = 1;

    /** Dispatches on the variant; a new variant fails to compile where it is not handled. */
    <R, X extends Exception> R match(Cases<R, X> cases) throws X;

    /**
     * One method for each variant.
     *
     * @param <R> what each returns
     * @param <X> what each may throw
     */
    interface Cases<R, X extends Exception> {
        R hello(Hello message) throws X;

        R start(Start message) throws X;

        R declined(Declined message) throws X;

        R plan(PlanStart message) throws X;

        R step(PlanStep message) throws X;

        R end(PlanEnd message) throws X;

        R task(Task message) throws X;

        R done(TaskDone message) throws X;

        R digest(DigestRequest message) throws X;

        R digested(Digested message) throws X;

        R undigested(Undigested message) throws X;
    }

    /**
     * The helper's first line: it is ready.
     *
     * @param version the protocol version that it speaks
     * @param pid its process id
     */
    record Hello(int version, int pid) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.hello(this);
        }
    }

    /**
     * The tracer asks for a plan; the helper answers with {@link Declined} or a plan.
     *
     * @param version the protocol version that the tracer speaks
     * @param pid the target, which stands in a ptrace-stop
     * @param settings what the user wants
     */
    record Start(int version, int pid, Settings settings) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.start(this);
        }
    }

    /**
     * There is no plan.
     *
     * @param nothingToDo whether that is because the program has no code that could gain
     * @param reason for people: what, where, why, what to do
     */
    record Declined(boolean nothingToDo, String reason) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.declined(this);
        }
    }

    /** The first line of a plan. */
    record PlanStart(PlanHeader header) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.plan(this);
        }
    }

    /** One step of a plan. */
    record PlanStep(Step step) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.step(this);
        }
    }

    /**
     * The last line of a plan.
     *
     * @param steps how many steps came before
     */
    record PlanEnd(int steps) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.end(this);
        }
    }

    /**
     * The tracer asks the helper to do its step now.
     *
     * @param step a helper step of the current plan
     * @param to where the bytes are to be, or are
     */
    record Task(StepId step, Address to) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.task(this);
        }
    }

    /**
     * The helper has tried a step.
     *
     * @param step which one
     * @param result what it came to; the value is the number of bytes handled
     */
    record TaskDone(StepId step, StepResult result) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.done(this);
        }
    }

    /** The tracer asks for the SHA-256 of a region's bytes. */
    record DigestRequest(RegionId region) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.digest(this);
        }
    }

    /**
     * The answer to {@link DigestRequest}.
     *
     * @param region which region
     * @param sha256 64 lower-case hexadecimal digits
     */
    record Digested(RegionId region, String sha256) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.digested(this);
        }
    }

    /**
     * The other answer to {@link DigestRequest}: there is no digest.
     *
     * @param region which region
     * @param reason why not, for people
     */
    record Undigested(RegionId region, String reason) implements Message {
        @Override
        public <R, X extends Exception> R match(Cases<R, X> cases) throws X {
            return cases.undigested(this);
        }
    }
}
