package org.tiexec.tracer.swap;

import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class RehearsalTest {
    @Test
    void theRehearsedPlanIsOneThatTheValidatorAndTheExecutorAccept() {
        assertThatCode(Rehearsal::run).doesNotThrowAnyException();
    }
}
