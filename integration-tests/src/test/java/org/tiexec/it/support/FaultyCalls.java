package org.tiexec.it.support;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.OptionalLong;
import java.util.function.BooleanSupplier;
import org.tiexec.tracer.arch.LiveArchitecture;
import org.tiexec.tracer.arch.X8664Live;

/**
 * Gives one of the calls that a running process makes for us an answer of its own, without making it; or that one and all
 * that follow.
 *
 * <p>It comes between the tracer and the architecture: the thread makes a call that changes nothing, and what the tracer
 * reads as the result is false.
 */
public final class FaultyCalls {
    /** {@code getpid} ({@code asm/unistd_64.h}). */
    private static final long HARMLESS = 39;

    private final LiveArchitecture real = new X8664Live();
    private final int first;
    private final boolean forGood;
    private final long answer;
    private OptionalLong pretended = OptionalLong.empty();
    private int calls;

    /**
     * Prepares.
     *
     * @param first the number of the call, from 0; −1 for none
     * @param forGood whether the same answer is given to all that follow
     */
    public FaultyCalls(int first, boolean forGood, WrongAnswer answer) {
        this.first = first;
        this.forGood = forGood;
        this.answer = answer.value();
    }

    /** Has every call made. */
    public static FaultyCalls none() {
        return new FaultyCalls(-1, false, WrongAnswer.NO_MEMORY);
    }

    /** How many calls the process has made, or seems to have made. */
    public int calls() {
        return calls;
    }

    /**
     * The architecture through which it is done.
     *
     * @param hasBegun whether calls count by now
     */
    public LiveArchitecture architecture(BooleanSupplier hasBegun) {
        Object proxy = Proxy.newProxyInstance(
                LiveArchitecture.class.getClassLoader(),
                new Class<?>[] {LiveArchitecture.class},
                (self, method, arguments) ->
                        hasBegun.getAsBoolean() ? answer(method, arguments) : ask(method, arguments));
        return (LiveArchitecture) proxy;
    }

    private Object answer(Method method, Object[] arguments) throws Throwable {
        switch (method.getName()) {
            case "calling", "callingWithStack" -> {
                int number = arguments.length - 2;
                pretended = isFaulty() ? OptionalLong.of((long) arguments[number]) : OptionalLong.empty();
                if (pretended.isPresent()) {
                    arguments[number] = HARMLESS;
                }
                return ask(method, arguments);
            }
            case "callNumber" -> {
                return pretended.isPresent() ? pretended.getAsLong() : ask(method, arguments);
            }
            case "result" -> {
                calls++;
                Object result = pretended.isPresent() ? answer : ask(method, arguments);
                pretended = OptionalLong.empty();
                return result;
            }
            default -> {
                return ask(method, arguments);
            }
        }
    }

    private boolean isFaulty() {
        return first >= 0 && (forGood ? calls >= first : calls == first);
    }

    private Object ask(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(real, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
