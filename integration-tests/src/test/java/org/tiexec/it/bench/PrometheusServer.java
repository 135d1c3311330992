package org.tiexec.it.bench;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** prometheus, evaluating a query that needs no data. */
final class PrometheusServer implements Server {
    private static final int CONNECTIONS = 4;
    private static final String QUERY = "sum(max_over_time((vector(time()) % 7)[10m:1s]))";

    private final Path data;
    private final int port;

    PrometheusServer(Scratch scratch) throws IOException {
        data = scratch.newDirectory("prometheus");
        port = LoadTool.freePort();
    }

    @Override
    public String name() {
        return "prometheus";
    }

    @Override
    public String load() {
        return "queries over HTTP by wrk";
    }

    @Override
    public List<String> missingPackages() {
        return LoadTool.missing("prometheus", "prometheus", "wrk", "wrk");
    }

    @Override
    public void prepare() throws IOException {
        Files.writeString(data.resolve("prometheus.yml"), "scrape_configs: []\n", StandardCharsets.UTF_8);
    }

    @Override
    public Program program() {
        return new Program(
                name(),
                List.of(
                        Program.find("prometheus").orElseThrow().toString(),
                        "--config.file=" + data.resolve("prometheus.yml"),
                        "--storage.tsdb.path=" + data.resolve("tsdb"),
                        "--log.level=error",
                        "--web.listen-address=127.0.0.1:" + port),
                "prometheus");
    }

    @Override
    public List<String> user() {
        return List.of();
    }

    @Override
    public boolean answers() {
        return LoadTool.answers("http://127.0.0.1:" + port + "/-/ready");
    }

    @Override
    public List<String> loadFor(int seconds) {
        String query = URLEncoder.encode(QUERY, StandardCharsets.UTF_8);
        return LoadTool.wrk(CONNECTIONS, seconds, "http://127.0.0.1:" + port + "/api/v1/query?query=" + query);
    }

    @Override
    public double perSecond(String told) {
        return LoadTool.perSecondByWrk(told);
    }
}
