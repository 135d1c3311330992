package org.tiexec.it.support;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** Puts somebody between two parts of ours, who sees every call before it is made and may throw instead. */
public final class Interposed {
    private Interposed() {}

    /** Who stands in between. */
    @FunctionalInterface
    public interface Before {
        /**
         * Sees a call.
         *
         * @throws Exception in its place
         */
        void call(Method method, Object[] arguments) throws Exception;
    }

    /** The same {@code real} part with somebody before it. */
    public static <T> T between(Class<T> type, T real, Before before) {
        Object proxy =
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    before.call(method, arguments == null ? new Object[0] : arguments);
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return type.cast(proxy);
    }
}
