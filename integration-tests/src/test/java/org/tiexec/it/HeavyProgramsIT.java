package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.HugeCode;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.LiveProcess;
import org.tiexec.it.support.Outcome;
import org.tiexec.it.support.RunningProgram;
import org.tiexec.it.support.TextPages;

/**
 * A compiler, a browser and a virtual machine that are large to install: the same result as plain, their code on 2 MB pages.
 *
 * <p>These run with {@code mvn -B verify -Psoak} only.
 */
@InLab
@Tag("soak")
final class HeavyProgramsIT {
    private static final Duration LONG = Duration.ofMinutes(3);
    private static final Path CARGO = Path.of("/usr/bin/cargo");
    private static final Path RUSTC = Path.of("/usr/bin/rustc");
    private static final Path CHROMIUM = Path.of("/usr/lib/chromium/chromium");
    private static final Path ERLANG = Path.of("/usr/bin/erl");
    private static final Object[] BUILD = {CARGO, "build", "--release", "--offline"};
    private static final long RUSTC_KB = 100 << 10;

    private static final String MANIFEST = """
            [package]
            name = "small"
            version = "0.1.0"
            edition = "2021"
            """;

    private static final String LIBRARY = """
            use std::collections::BTreeMap;

            pub fn words(text: &str) -> BTreeMap<String, usize> {
                let mut words = BTreeMap::new();
                for word in text.split_whitespace() {
                    *words.entry(word.to_string()).or_insert(0) += 1;
                }
                words
            }
            """;

    private static final String PROGRAM = """
            include!(env!("PART"));

            fn main() {
                println!("{:?}", small::words(TEXT));
            }
            """;

    private static final String PART = "const TEXT: &str = \"the code of the program is in the libraries\";\n";

    private static final String PAGE = """
            <!doctype html>
            <body style="font-family: sans-serif; background: linear-gradient(45deg, #fed, #9cf)">
            <h1>2 MB pages</h1>
            <canvas id="canvas" width="400" height="300"></canvas>
            <p id="sum"></p>
            <script>
              const at = document.getElementById('canvas').getContext('2d');
              for (let i = 0; i < 200; i++) {
                at.fillStyle = `hsl(${i * 7 % 360} 80% 50%)`;
                at.beginPath();
                at.arc(200 + 150 * Math.cos(i), 150 + 100 * Math.sin(i * 1.7), 12, 0, 7);
                at.fill();
              }
              let sum = 0;
              for (let i = 0; i < 3e6; i++) sum = (sum * 31 + i) % 1000003;
              document.getElementById('sum').textContent = sum + ' ' + /a+/.exec('baab')[0];
            </script>
            <script src="http://127.0.0.1:PORT/late.js"></script>
            """;

    private static final String ERLANG_PROGRAM = """
            Fibonacci = fun F(N) when N < 2 -> N; F(N) -> F(N - 1) + F(N - 2) end,
            Me = self(),
            [spawn(fun() -> Me ! {N, Fibonacci(N)} end) || N <- lists:seq(1, 20)],
            io:format("~p~n", [[receive {N, Value} -> Value end || N <- lists:seq(1, 20)]]),
            io:format("~p~n", [re:run("baaab", "a+", [{capture, all, list}])]),
            io:format("~p ~p~n", [catch 1 div list_to_integer("0"), erlang:md5("text")]),
            io:format("ready~n"),
            eof = io:get_line(""),
            io:format("~p~n", [Fibonacci(22)]),
            halt(7).
            """;

    /** One of the compilers waits for a part of its source while we look. */
    @Test
    void cargoBuildsTheSameFilesWithTheLibrariesOfRustcOnHugePages(Lab lab) throws IOException {
        assumeTrue(Files.isExecutable(CARGO) && Files.isExecutable(RUSTC), "cargo and rustc are not installed");
        lab.provide(Backing.THP);
        Path crate = crate(lab);
        Path part = lab.fifo("part.rs");
        Path built = crate.resolve("target/release/small");

        RunningProgram plain = cargo(lab, lab.plain(BUILD), crate, part).start();
        partOfTheSource(lab, part).finish();
        assertThat(plain.finish(LONG).status()).as(plain.toString()).isZero();
        byte[] plainly = Files.readAllBytes(built);
        assertThat(lab.plain("rm", "-r", crate.resolve("target")).run().status())
                .isZero();

        RunningProgram traced = cargo(
                        lab,
                        lab.tracer("-v", "--strict", "--follow=tree", "--targets=exe,libs", "--only=*rustc")
                                .of(BUILD),
                        crate,
                        part)
                .start();
        RunningProgram writer = partOfTheSource(lab, part);
        LiveProcess rustc = only(running(traced, RUSTC));
        assertThat(HugeCode.kilobytes(rustc)).isGreaterThan(RUSTC_KB);
        assertThat(rustc.status("TracerPid")).isEqualTo("0");
        writer.finish();
        assertThat(traced.finish(LONG).status()).as(traced.toString()).isZero();

        for (String library : new String[] {"librustc_driver", "libLLVM"}) {
            assertThat(traced.err())
                    .containsPattern(library + "\\S+, thp, staged-swap: .* 2 MB pages 0 -> [1-9][0-9]+\\n");
        }
        assertThat(Files.readAllBytes(built)).isEqualTo(plainly);
        assertThat(lab.plain(built).run().out()).contains("\"the\": 3");
    }

    private static Path crate(Lab lab) throws IOException {
        Path crate = Files.createDirectory(lab.directory().resolve("crate"));
        Files.createDirectory(crate.resolve("src"));
        Files.writeString(crate.resolve("Cargo.toml"), MANIFEST);
        Files.writeString(crate.resolve("src/lib.rs"), LIBRARY);
        Files.writeString(crate.resolve("src/main.rs"), PROGRAM);
        return crate;
    }

    private static Command cargo(Lab lab, Command command, Path crate, Path part) {
        return command.in(crate)
                .with("PATH", "/usr/bin:/bin")
                .with("CARGO_HOME", lab.directory().resolve("cargo").toString())
                .with("PART", part.toString());
    }

    /** Waits until somebody reads it, and says it when it is finished. */
    private static RunningProgram partOfTheSource(Lab lab, Path part) {
        RunningProgram writer = lab.plain("sh", "-c", "exec 3>\"$0\"; echo opened; cat >&3", part)
                .start()
                .awaitLine("opened");
        writer.say(PART);
        return writer;
    }

    private static List<LiveProcess> running(RunningProgram command, Path executable) {
        return command.process().tree().stream()
                .filter(process -> process.executable().equals(Optional.of(executable)))
                .toList();
    }

    private static LiveProcess only(List<LiveProcess> processes) {
        assertThat(processes).hasSize(1);
        return processes.get(0);
    }

    /** While it waits for a part of the page; the script that it is started by executes it. */
    @Test
    void chromiumMakesTheSamePictureOnHugePages(Lab lab) throws IOException {
        assumeTrue(Files.isExecutable(CHROMIUM), "chromium is not installed");
        lab.provide(Backing.THP);
        try (LatePart late = new LatePart()) {
            Path page = lab.file("page.html", PAGE.replace("PORT", Integer.toString(late.port())));
            Path plainly = lab.directory().resolve("plain.png");
            Path pictured = lab.directory().resolve("traced.png");
            RunningProgram plain =
                    chromium(lab, lab.plain("chromium"), page, plainly).start();
            late.awaitRequestOf(plain);
            late.send();
            assertThat(plain.finish(LONG).status()).as(plain.toString()).isZero();

            RunningProgram traced =
                    chromium(lab, lab.traced("chromium"), page, pictured).start();
            late.awaitRequestOf(traced);
            TextPages.of(traced.program()).assertWhollyOn(Backing.THP);
            late.send();
            Outcome outcome = traced.finish(LONG);

            assertThat(outcome.status()).as(outcome.toString()).isZero();
            assertThat(outcome.err()).doesNotContain("tracer:");
            assertThat(pictured).hasSameBinaryContentAs(plainly);
        }
    }

    private static Command chromium(Lab lab, Command command, Path page, Path picture) throws IOException {
        Path home = Files.createTempDirectory(lab.directory(), "home");
        return command.before(
                        "--headless",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--user-data-dir=" + home.resolve("profile"),
                        "--window-size=800,600",
                        "--screenshot=" + picture,
                        page.toUri())
                .with("HOME", home.toString())
                .becoming(CHROMIUM);
    }

    /** A server for one script of the page, which it keeps back until it is told to send it. */
    private static final class LatePart implements AutoCloseable {
        private static final byte[] SCRIPT =
                "document.getElementById('sum').append(' late');".getBytes(StandardCharsets.UTF_8);

        private final HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        private final BlockingQueue<HttpExchange> requests = new LinkedBlockingQueue<>();

        LatePart() throws IOException {
            server.createContext("/", requests::add);
            server.start();
        }

        int port() {
            return server.getAddress().getPort();
        }

        void awaitRequestOf(RunningProgram browser) {
            browser.awaitThat("a request", () -> !requests.isEmpty());
        }

        void send() throws IOException {
            try (HttpExchange exchange = requests.remove()) {
                exchange.sendResponseHeaders(200, SCRIPT.length);
                exchange.getResponseBody().write(SCRIPT);
            }
        }

        @Override
        public void close() {
            server.stop(0);
        }
    }

    /** Its scripts execute one program after the other, until one is the virtual machine. */
    @Test
    void erlangWorksAsPlainOnHugePages(Lab lab) {
        assumeTrue(Files.isExecutable(ERLANG), "Erlang is not installed");
        lab.provide(Backing.THP);
        Object[] erlang = {ERLANG, "-noshell", "-eval", ERLANG_PROGRAM};
        Outcome plain = lab.plain(erlang).run();
        assertThat(plain.status()).isEqualTo(7);
        for (String strategy : List.of("--strategy=conservative", "--strategy=aggressive")) {
            RunningProgram traced = lab.tracer("--strict", "--targets=exe,libs", strategy)
                    .of(erlang)
                    .start()
                    .awaitLine("ready");
            LiveProcess machine = only(traced.process().tree().stream()
                    .filter(process -> process.status("Name").equals("beam.smp"))
                    .toList());
            TextPages.of(machine).assertNoneLeftOutOf(Backing.THP);
            assertThat(traced.finish()).isEqualTo(plain);
        }
    }
}
