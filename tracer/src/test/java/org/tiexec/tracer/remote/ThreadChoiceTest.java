package org.tiexec.tracer.remote;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.memory.Address;
import org.tiexec.protocol.procfs.MapsParser;
import org.tiexec.tracer.arch.X8664Live;

class ThreadChoiceTest {
    private static final String MAPS = """
            00400000-00500000 r-xp 00000000 08:01 42                                 /usr/bin/x
            c000000000-c000400000 rw-p 00000000 00:00 0
            7f0000000000-7f0000001000 ---p 00000000 00:00 0
            7f0000001000-7f0000801000 rw-p 00000000 00:00 0
            7f0000801000-7f0000900000 rw-p 00000000 08:01 43                         /usr/lib/y
            7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0                          [stack]
            """;

    private final ThreadChoice choice = new ThreadChoice(new X8664Live());

    private static ThreadFacts waiting(int thread, long call, String stack) {
        return ThreadFacts.parse(
                thread,
                thread + " (a) b) S 1",
                call + " 0x1 0x0 0x1001 0x5dc 0x0 0x0 " + stack + " 0x401002\n",
                "Name:\ta\nSeccomp:\t0\n");
    }

    private static ThreadFacts running(int thread) {
        return ThreadFacts.parse(thread, thread + " (x) R 1", "running\n", "Name:\tx\nSeccomp:\t0\n");
    }

    private List<Integer> order(Optional<Stacks> stacks, ThreadFacts... threads) {
        return choice.order(List.of(threads), stacks).stream()
                .map(ThreadFacts::id)
                .toList();
    }

    @Test
    void whoWaitsInACallThatRestartsComesBeforeWhoRunsBeforeWhoseCallFails() {
        assertThat(order(
                        Optional.empty(),
                        waiting(1, 232, "0x7ffd00020000"),
                        waiting(2, 219, "0x7ffd00020000"),
                        running(3),
                        waiting(4, 202, "0x7ffd00020000")))
                .containsExactly(4, 3, 2, 1);
    }

    @Test
    void whoseCallWouldBeCutShortOrWhoCannotBeStoppedIsNotTaken() {
        ThreadFacts stopped = ThreadFacts.parse(6, "6 (x) T 1", "-1 0x7ffd00020000 0x1\n", "\n");
        ThreadFacts inTheDisk = ThreadFacts.parse(7, "7 (x) D 1", "0 0x1 0x1 0x1 0x1 0x1 0x1 0x2 0x3\n", "\n");
        assertThat(order(Optional.empty(), waiting(5, 1, "0x7ffd00020000"), stopped, inTheDisk))
                .isEmpty();
    }

    @Test
    void whoHasAStackOfItsOwnWithRoomComesFirst() throws Exception {
        Stacks stacks = Stacks.in(MapsParser.parse(MAPS.getBytes(StandardCharsets.UTF_8)), range -> false);
        assertThat(order(
                        Optional.of(stacks),
                        waiting(1, 202, "0xc000100000"),
                        waiting(2, 202, "0x7f0000002000"),
                        waiting(3, 202, "0x7f0000005000"),
                        waiting(4, 202, "0x7f0000900000"),
                        waiting(5, 202, "0x7ffd00000100"),
                        running(6)))
                .as("goroutine, too little room, thread, file, main thread whose stack grows, who knows")
                .containsExactly(3, 5, 6, 1, 2, 4);
    }

    @Test
    void withoutRoomBelowTheFirstThreadsStackNobodyLendsWhoHasNoneOfItsOwn() throws Exception {
        Stacks stacks = Stacks.in(
                MapsParser.parse(
                        "7ffcfffff000-7ffd00000000 r--p 00000000 00:00 0\n7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n"
                                .getBytes(StandardCharsets.UTF_8)),
                range -> false);
        assertThat(order(Optional.of(stacks), waiting(1, 202, "0xc000100000"), waiting(2, 202, "0x7ffd00020000")))
                .containsExactly(2);
    }

    @Test
    void anUntouchedEndOfTheFirstThreadsStackIsLentBeforeItIsMadeLonger() throws Exception {
        byte[] maps = "7ffd00000000-7ffd00021000 rw-p 00000000 00:00 0 [stack]\n".getBytes(StandardCharsets.UTF_8);
        Address goroutine = new Address(0xc000100000L);

        assertThat(Stacks.in(MapsParser.parse(maps), range -> true).frameBelow(goroutine))
                .contains(new Address(0x7ffd00004000L));
        assertThat(Stacks.in(MapsParser.parse(maps), range -> false).frameBelow(goroutine))
                .contains(new Address(0x7ffcffff0000L));
    }

    @Test
    void aThreadWithAShadowStackLendsNone() throws Exception {
        Stacks stacks = Stacks.in(MapsParser.parse(MAPS.getBytes(StandardCharsets.UTF_8)), range -> false);
        ThreadFacts shadowed =
                ThreadFacts.parse(1, "1 (x) R 1", "running\n", "Name:\tx\nx86_Thread_features:\tshstk \n");
        assertThat(order(Optional.of(stacks), shadowed)).isEmpty();
        assertThat(order(Optional.empty(), shadowed)).containsExactly(1);
    }
}
