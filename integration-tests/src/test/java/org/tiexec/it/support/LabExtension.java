package org.tiexec.it.support;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/** Opens a lab before each test, looks for leftovers after it, closes the lab. */
final class LabExtension implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(LabExtension.class);

    private record Opened(Lab lab, Leftovers leftovers) {}

    @Override
    public void beforeEach(ExtensionContext context) {
        Lab lab = new Lab();
        context.getStore(NAMESPACE).put(Opened.class, new Opened(lab, new Leftovers()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Opened opened = opened(context);
        try (Lab lab = opened.lab()) {
            if (context.getExecutionException().isEmpty()) {
                opened.leftovers().assertNoneIn(lab);
            }
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType().equals(Lab.class);
    }

    @Override
    public Lab resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return opened(context).lab();
    }

    private static Opened opened(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(Opened.class, Opened.class);
    }
}
