package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.User;

/** Debian's own {@code sudo} and {@code su}, started by what is followed, make somebody else of somebody. */
@InLab
final class SudoIT {
    /** May be told to anybody: in a mount namespace that ends with the command, nobody is asked for a password. */
    private static final String TRUST = "mount --make-rprivate / 2>/dev/null; mount --bind \"$0\" /etc/sudoers"
            + " && mount --bind \"$1\" /etc/pam.d/su && shift && exec \"$@\"";

    @ParameterizedTest
    @CsvSource({
        "root, tree, in-place",
        "nobody, tree, in-place",
        "nobody, tree, child",
        "nobody, exec, in-place",
        "--user=nobody, tree, in-place",
    })
    void theyBecomeWhomTheyAreTold(String who, String reach, String launch, Lab lab) throws IOException {
        Path sudoers = lab.file("sudoers", "ALL ALL=(ALL:ALL) NOPASSWD: ALL\n");
        Files.setAttribute(sudoers, "unix:mode", 0440);
        Path pam = lab.file("su", """
                auth sufficient pam_permit.so
                account sufficient pam_permit.so
                session sufficient pam_permit.so
                """);
        boolean byOption = who.startsWith("--");
        User user = User.named(who.replace("--user=", ""));
        for (String command : List.of(
                "sudo -n id -ru; echo $?",
                "sudo -n -u daemon id -ru | cat",
                "exec env nice sudo -n sh -c 'grep ^Cap /proc/self/status; id -ru; exit 3'",
                "su -c 'id -ru; exit 4'",
                "(exec su -c 'sudo -n -u games id -ru'); echo $?")) {
            Command shell = lab.plain("sh", "-c", command);
            Outcome plain = trusting(shell.as(user), sudoers, pam).run();
            Command traced = byOption
                    ? lab.tracer(who, "--follow=" + reach, "--launch=" + launch).of("sh", "-c", command)
                    : lab.tracer("--follow=" + reach, "--launch=" + launch)
                            .of("sh", "-c", command)
                            .as(user);

            assertThat(trusting(traced, sudoers, pam).run()).as(command).isEqualTo(plain);
            assertThat(plain.out()).as(command).containsPattern("(?m)^[015]$");
        }
    }

    private static Command trusting(Command command, Path sudoers, Path pam) {
        return command.after("unshare", "--mount", "--propagation", "unchanged", "sh", "-c", TRUST, sudoers, pam);
    }
}
