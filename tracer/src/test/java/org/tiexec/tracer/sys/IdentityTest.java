package org.tiexec.tracer.sys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class IdentityTest {
    private static final Identity NOBODY = new Identity(65534, 65533, List.of(1L, 33L));

    /** What the kernel would take for no change, or for another id. */
    @ParameterizedTest
    @ValueSource(longs = {-1, 4294967295L, 4294967296L})
    void aNumberThatIsNoIdIsRefused(long id) {
        assertThatThrownBy(() -> new Identity(id, 1, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Identity(1, id, List.of())).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Identity(1, 1, List.of(id))).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aProcessIsSomebodyOnlyWithAllOfItsIds() {
        List<Long> users = List.of(65534L, 65534L, 65534L, 65534L);
        List<Long> groups = List.of(65533L, 65533L, 65533L, 65533L);

        assertThat(NOBODY.isWhollyIn(users, groups, List.of(1L, 33L))).isTrue();
        assertThat(NOBODY.isWhollyIn(List.of(65534L, 65534L, 0L, 65534L), groups, List.of(1L, 33L)))
                .isFalse();
        assertThat(NOBODY.isWhollyIn(users, List.of(0L, 65533L, 65533L, 65533L), List.of(1L, 33L)))
                .isFalse();
        assertThat(NOBODY.isWhollyIn(users, groups, List.of(0L, 1L, 33L))).isFalse();
        assertThat(NOBODY.isWhollyIn(users, groups, List.of(1L))).isFalse();
        assertThat(NOBODY.isWhollyIn(List.of(), groups, List.of(1L, 33L))).isFalse();
    }

    @Test
    void itsGroupsAreWrittenAsTheKernelReadsThem() {
        assertThat(new Identity(0, 0, List.of(1L, 4294967294L)).groupList())
                .containsExactly(1, 0, 0, 0, 0xfe, 0xff, 0xff, 0xff);
    }

    @Test
    void peopleReadWhoItIs() {
        assertThat(NOBODY).hasToString("user 65534, group 65533, supplementary groups 1 33");
        assertThat(new Identity(1, 2, List.of())).hasToString("user 1, group 2, no supplementary groups");
    }
}
