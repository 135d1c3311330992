package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A server that runs without a tracer, under clients that check each of its answers. */
public final class CheckedServer implements AutoCloseable {
    private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(30));
    private static final int FEW = 20;

    private static final String NODE_SCRIPT = """
            const http = require('http'), crypto = require('crypto'), zlib = require('zlib');
            http.createServer((question, answer) => {
                const n = Number(question.url.slice(1));
                const list = Array.from({ length: 200 }, (_, i) => ({ i, name: `n${(i * 7919 + n) % 1009}`, root: Math.sqrt(i + n) }));
                list.sort((one, other) => (one.name < other.name ? -1 : 1));
                const json = JSON.stringify(list);
                const hash = crypto.createHash('sha256').update(zlib.gunzipSync(zlib.gzipSync(json))).digest('hex');
                const words = json.match(/n\\d+/g).map(word => word.replace(/\\d/, digit => 9 - digit)).join('');
                answer.end(hash + words + json);
            }).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('ready'));
            process.stdin.resume().on('end', () => process.exit(7));
            """;

    private final RunningProgram program;
    private final CheckingClients clients;
    private final int status;

    private CheckedServer(RunningProgram program, CheckingClients clients, int status) {
        this.program = program;
        this.clients = clients;
        this.status = status;
    }

    /** What serves. */
    public enum Kind {
        NODE(7) {
            @Override
            Command command(Lab lab, int port) {
                return lab.plain("node", lab.file("server" + port + ".js", NODE_SCRIPT), port);
            }
        },
        GO(3) {
            @Override
            Command command(Lab lab, int port) {
                return lab.plain(Specimens.goProgram(), "127.0.0.1:" + port);
            }
        },
        JVM(7) {
            @Override
            Command command(Lab lab, int port) {
                return lab.plain(
                        Path.of(System.getProperty("java.home"), "bin", "java"),
                        "-Xmx96m",
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path"),
                        JavaServer.class.getName(),
                        port);
            }
        };

        private final int status;

        Kind(int status) {
            this.status = status;
        }

        abstract Command command(Lab lab, int port);
    }

    /** Starts one, and so many clients of it that ask all the time. */
    public static CheckedServer start(Lab lab, Kind kind, int clients) throws IOException {
        return start(lab, kind, clients, Duration.ZERO);
    }

    /** The same with clients that pause after each answer. */
    public static CheckedServer start(Lab lab, Kind kind, int clients, Duration pause) throws IOException {
        int port = lab.freePort();
        RunningProgram program = kind.command(lab, port).start().awaitLine("ready");
        program.awaitThat("an answer", () -> CheckingClients.isAnswered(port));
        return new CheckedServer(program, new CheckingClients(clients, port, pause), kind.status);
    }

    /** The server's process. */
    public LiveProcess process() {
        return program.process();
    }

    /** How many right answers there were so far. */
    public long answers() {
        return clients.answers();
    }

    /** Waits until so many more questions have been answered, or one has not been answered rightly. */
    public void awaitAnswers(long more) {
        long answers = clients.answers();
        program.awaitThat("more answers", () -> clients.answers() > answers + more || !clients.isAsking());
    }

    /** Fails unless nobody traces any of its threads any more and it goes on giving right answers. */
    public void assertServesByItself(String when) {
        Awaitility.await("no tracer of process " + process().pid() + ", " + when)
                .atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2))
                .untilAsserted(() -> assertThat(tracers()).containsExactly("0"));
        awaitAnswers(FEW);
        if (!clients.isAsking()) {
            throw new AssertionError(when, finishClients());
        }
    }

    private Set<String> tracers() {
        return process().threads().stream()
                .map(thread -> new LiveProcess(thread).status("TracerPid"))
                .filter(tracer -> !tracer.isEmpty())
                .collect(Collectors.toSet());
    }

    private AssertionError finishClients() {
        try {
            clients.finish();
            return new AssertionError("its clients have stopped");
        } catch (AssertionError complaint) {
            return complaint;
        }
    }

    /** Ends clients and server; fails if any answer was wrong or missing. Tells how long the longest answer took. */
    public Duration finish() {
        Duration longest = clients.finish();
        assertThat(program.finish().status()).isEqualTo(status);
        return longest;
    }

    @Override
    public void close() {
        clients.close();
    }
}
