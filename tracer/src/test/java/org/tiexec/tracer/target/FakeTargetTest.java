package org.tiexec.tracer.target;

/** The fake keeps the contract. */
class FakeTargetTest extends TargetContract {
    @Override
    Target target() {
        FakeTarget fake = new FakeTarget(new FakeMemory(0));
        fake.keepStrangersOut();
        return fake;
    }
}
