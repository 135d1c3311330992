package org.tiexec.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.tiexec.it.support.Backing;
import org.tiexec.it.support.Command;
import org.tiexec.it.support.InLab;
import org.tiexec.it.support.Lab;
import org.tiexec.it.support.RunningProgram;

/** Debian's servers serve while their code stands on 2 MB pages, and end as plain when the tracer is told to. */
@InLab
final class ServersIT {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

    @ParameterizedTest
    @EnumSource
    void prometheusServesOnHugePagesAndEndsAsPlain(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        int port = lab.freePort();
        Object[] prometheus = prometheus(lab, port);
        int plainStatus = statusAfterTerm(serving(lab.plain(prometheus), port, "/-/ready"));

        RunningProgram server = serving(lab.traced(prometheus), port, "/-/ready");

        server.text().assertWhollyOn(backing);
        assertThat(get(port, "/api/v1/query?query=vector(42)")).contains("\"success\"", "\"42\"");
        assertThat(get(port, "/metrics")).contains("go_goroutines");
        server.text().assertWhollyOn(backing);
        assertThat(statusAfterTerm(server)).isEqualTo(plainStatus);
    }

    @ParameterizedTest
    @EnumSource
    void etcdServesOnHugePagesAndEndsAsPlain(Backing backing, Lab lab) throws IOException {
        lab.provide(backing);
        int port = lab.freePort();
        Object[] etcd = etcd(lab, port, lab.freePort());
        int plainStatus = statusAfterTerm(serving(lab.plain(etcd), port, "/health"));

        RunningProgram server = serving(lab.traced(etcd), port, "/health");

        server.text().assertWhollyOn(backing);
        // its HTTP gateway takes base64: key "a", value "b"
        post(port, "/v3/kv/put", "{\"key\":\"YQ==\",\"value\":\"Yg==\"}");
        assertThat(post(port, "/v3/kv/range", "{\"key\":\"YQ==\"}")).contains("\"Yg==\"");
        server.text().assertWhollyOn(backing);
        assertThat(statusAfterTerm(server)).isEqualTo(plainStatus);
    }

    private static Object[] prometheus(Lab lab, int port) {
        Path config = lab.file("prometheus.yml", "scrape_configs: []\n");
        return new Object[] {
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + lab.directory().resolve("tsdb"),
            "--web.listen-address=127.0.0.1:" + port
        };
    }

    private static Object[] etcd(Lab lab, int port, int peerPort) {
        String peer = "http://127.0.0.1:" + peerPort;
        String client = "http://127.0.0.1:" + port;
        return new Object[] {
            "etcd",
            "--data-dir=" + lab.directory().resolve("etcd"),
            "--listen-client-urls=" + client,
            "--advertise-client-urls=" + client,
            "--listen-peer-urls=" + peer,
            "--initial-advertise-peer-urls=" + peer,
            "--initial-cluster=default=" + peer
        };
    }

    private RunningProgram serving(Command command, int port, String readyPath) {
        return command.start().awaitThat("an answer", () -> isReady(port, readyPath));
    }

    private boolean isReady(int port, String path) {
        try {
            return answer(port, path).statusCode() == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private static int statusAfterTerm(RunningProgram server) {
        server.process().signal("TERM");
        return server.awaitEnd().status();
    }

    private String get(int port, String path) throws IOException {
        return succeeded(answer(port, path));
    }

    private HttpResponse<String> answer(int port, String path) throws IOException {
        return send(request(port, path).build());
    }

    private HttpResponse<String> send(HttpRequest request) throws IOException {
        try {
            return client.send(request, HttpResponse.BodyHandlers.ofString());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private String post(int port, String path, String body) throws IOException {
        HttpRequest request = request(port, path)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return succeeded(send(request));
    }

    private static HttpRequest.Builder request(int port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(PATIENCE)
                .version(HttpClient.Version.HTTP_1_1);
    }

    private static String succeeded(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }
}
