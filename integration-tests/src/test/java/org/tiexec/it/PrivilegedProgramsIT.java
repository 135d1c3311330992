package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.Specimens;
import org.tiexec.it.support.User;

/** Programs that a trace would rob of their privileges, or that must not be read, run plain with a reason. */
@InLab
final class PrivilegedProgramsIT {
    private static final int SET_UID = 04755;
    private static final int SET_GID = 02755;
    private static final int EXECUTE_ONLY = 0711;

    @Test
    void aSetUserIdProgramKeepsItsOwnersRights(Lab lab) throws IOException {
        Path program = setIdProgram(lab, SET_UID);

        Outcome traced = assertLeftAlone(lab, program, "set-user-ID");

        assertThat(traced.out()).contains("users 65534 1 1 groups 65534 65534 65534 secure 1");
    }

    @Test
    void aSetGroupIdProgramKeepsItsGroup(Lab lab) throws IOException {
        Path program = setIdProgram(lab, SET_GID);

        Outcome traced = assertLeftAlone(lab, program, "set-group-ID");

        assertThat(traced.out()).contains("users 65534 65534 65534 groups 65534 1 1 secure 1");
    }

    @Test
    void aProgramWithFileCapabilitiesKeepsThem(Lab lab) throws IOException {
        Path program = programWithCapability(lab);

        Outcome traced = assertLeftAlone(lab, program, "capabilities");

        assertThat(traced.outLines()).contains("CapEff:\t0000000000000400");
    }

    @Test
    void anUnreadableProgramRuns(Lab lab) throws IOException {
        assertLeftAlone(lab, unreadableProgram(lab), "read");
    }

    @ParameterizedTest
    @ValueSource(strings = {"set-user-ID", "capabilities", "read"})
    void asTheInterpreterOfAScriptItIsLeftAloneToo(String reason, Lab lab) throws IOException {
        Path program = switch (reason) {
            case "set-user-ID" -> setIdProgram(lab, SET_UID);
            case "capabilities" -> programWithCapability(lab);
            default -> unreadableProgram(lab);
        };
        Path script = lab.script("script", "#!" + program + " ids\n");
        Outcome plain = lab.plain(script).as(User.NOBODY).run();

        assertThat(lab.traced(script).as(User.NOBODY).run()).isEqualTo(plain);
        assertThat(plain.out()).startsWith("users ");
        assertThat(lab.tracer("-v").of(script).as(User.NOBODY).run().errLines())
                .singleElement()
                .asString()
                .contains(reason);
    }

    private static Outcome assertLeftAlone(Lab lab, Path program, String reason) {
        Outcome plain = lab.plain(program, "ids", "exit", "9").as(User.NOBODY).run();

        Outcome traced = lab.traced(program, "ids", "exit", "9").as(User.NOBODY).run();
        Outcome verbose =
                lab.tracer("-v").of(program, "ids", "exit", "9").as(User.NOBODY).run();
        Outcome strict = lab.tracer("--strict")
                .of(program, "ids", "exit", "9")
                .as(User.NOBODY)
                .run();

        assertThat(plain.status()).isEqualTo(9);
        assertThat(traced).isEqualTo(plain);
        assertThat(verbose.out()).isEqualTo(plain.out());
        assertThat(verbose.errLines()).singleElement().asString().contains(program.toString(), reason);
        assertThat(strict.status()).isEqualTo(125);
        assertThat(strict.out()).isEmpty();
        assertThat(strict.errLines()).singleElement().asString().contains(reason);
        return traced;
    }

    private static Path setIdProgram(Lab lab, int mode) throws IOException {
        Path program = copy(lab);
        User.DAEMON.own(program);
        Files.setAttribute(program, "unix:mode", mode);
        return program;
    }

    private static Path programWithCapability(Lab lab) throws IOException {
        Path program = copy(lab);
        Outcome set = lab.plain("setcap", "cap_net_bind_service+ep", program).run();
        assertThat(set.status()).as(set.toString()).isZero();
        return program;
    }

    private static Path unreadableProgram(Lab lab) throws IOException {
        Path program = copy(lab);
        Files.setAttribute(program, "unix:mode", EXECUTE_ONLY);
        return program;
    }

    private static Path copy(Lab lab) throws IOException {
        return Files.copy(Specimens.specimen(), lab.directory().resolve("program"));
    }
}
