package org.tiexec.tracer.program;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.tiexec.protocol.abi.Errno;

class ExecutableSearchTest {
    private final List<String> tried = new ArrayList<>();

    private static List<byte[]> bytes(String... texts) {
        List<byte[]> result = new ArrayList<>();
        for (String text : texts) {
            result.add(text.getBytes(StandardCharsets.ISO_8859_1));
        }
        return result;
    }

    private static List<String> texts(List<byte[]> arrays) {
        List<String> result = new ArrayList<>();
        for (byte[] array : arrays) {
            result.add(new String(array, StandardCharsets.ISO_8859_1));
        }
        return result;
    }

    /** Executes in a world in which each path that is named fails so; every other one works. */
    private Optional<Errno> execute(ExecutableSearch search, Map<String, Errno> world) {
        return search.execute(new ExecutableSearch.Attempt<RuntimeException, RuntimeException>() {
            @Override
            public Optional<Errno> execute(byte[] path, List<byte[]> argv) {
                String name = new String(path, StandardCharsets.ISO_8859_1);
                tried.add(name + " " + texts(argv));
                return Optional.ofNullable(world.get(name));
            }
        });
    }

    @Test
    void aNameWithASlashIsNotSearchedFor() {
        ExecutableSearch search = new ExecutableSearch(bytes("./node"), bytes("PATH=/usr/bin"));
        assertThat(texts(search.candidates())).containsExactly("./node");
    }

    @Test
    void aNameIsLookedUpAlongPathWhereAnEmptyEntryIsTheCurrentDirectory() {
        ExecutableSearch search = new ExecutableSearch(bytes("node"), bytes("HOME=/", "PATH=/a::/b/:"));
        assertThat(texts(search.candidates())).containsExactly("/a/node", "node", "/b//node", "node");
    }

    @Test
    void withoutPathTheSystemsDirectoriesAreSearched() {
        assertThat(texts(new ExecutableSearch(bytes("ls"), List.of()).candidates()))
                .containsExactly("/bin/ls", "/usr/bin/ls");
    }

    @Test
    void bytesThatAreNoTextSurvive() {
        ExecutableSearch search = new ExecutableSearch(bytes("\u00ff"), bytes("PATH=/\u00fe"));
        assertThat(texts(search.candidates())).containsExactly("/\u00fe/\u00ff");
    }

    @Test
    void theFirstThatWorksEndsTheSearch() {
        ExecutableSearch search = new ExecutableSearch(bytes("x", "1"), bytes("PATH=/a:/b:/c"));
        assertThat(execute(search, Map.of("/a/x", Errno.ENOENT))).isEmpty();
        assertThat(tried).containsExactly("/a/x [x, 1]", "/b/x [x, 1]");
    }

    @Test
    void oneThatMayNotBeExecutedIsRememberedWhenNoneIsFound() {
        ExecutableSearch search = new ExecutableSearch(bytes("x"), bytes("PATH=/a:/b"));
        assertThat(execute(search, Map.of("/a/x", Errno.EACCES, "/b/x", Errno.ENOENT)))
                .contains(Errno.EACCES);
    }

    @Test
    void aFileThatTheKernelCannotExecuteIsGivenToTheShell() {
        ExecutableSearch search = new ExecutableSearch(bytes("./script", "a"), List.of());
        assertThat(execute(search, Map.of("./script", Errno.ENOEXEC))).isEmpty();
        assertThat(tried).containsExactly("./script [./script, a]", "/bin/sh [/bin/sh, ./script, a]");
    }

    @Test
    void anyOtherFailureEndsTheSearch() {
        ExecutableSearch search = new ExecutableSearch(bytes("x"), bytes("PATH=/a:/b"));
        assertThat(execute(search, Map.of("/a/x", Errno.ENOMEM))).contains(Errno.ENOMEM);
        assertThat(tried).hasSize(1);
    }

    @Test
    void anEmptyNameIsNotFound() {
        assertThat(execute(new ExecutableSearch(bytes(""), List.of()), Map.of()))
                .contains(Errno.ENOENT);
    }
}
