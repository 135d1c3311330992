package org.tiexec.tracer.target;

/** The fake keeps the contract. */
class FakeTargetTest extends TargetContract {
    @Override
    Target target() {
        return new FakeTarget(new FakeMemory(0));
    }
}
