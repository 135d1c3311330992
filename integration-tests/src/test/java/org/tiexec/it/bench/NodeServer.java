package org.tiexec.it.bench;

import java.io.IOException;
import java.util.List;

/** node, answering HTTP requests with a small page that it makes for each. */
final class NodeServer implements Server {
    private static final int CONNECTIONS = 16;
    private static final String SCRIPT = """
            require('http').createServer((request, response) => {
                const items = [];
                for (let i = 0; i < 50; i++) items.push({ id: i, name: 'item ' + i, even: (i & 1) === 0 });
                response.setHeader('Content-Type', 'application/json');
                response.end(JSON.stringify({ url: request.url, items }));
            }).listen(%d, '127.0.0.1');
            """;

    private final int port;

    NodeServer() throws IOException {
        port = LoadTool.freePort();
    }

    @Override
    public String name() {
        return "node";
    }

    @Override
    public String load() {
        return "HTTP requests by wrk";
    }

    @Override
    public List<String> missingPackages() {
        return LoadTool.missing("node", "nodejs", "wrk", "wrk");
    }

    @Override
    public void prepare() {
        // it has no data
    }

    @Override
    public Program program() {
        return new Program(
                name(), List.of(Program.find("node").orElseThrow().toString(), "-e", SCRIPT.formatted(port)), "nodejs");
    }

    @Override
    public List<String> user() {
        return List.of();
    }

    @Override
    public boolean answers() {
        return LoadTool.answers("http://127.0.0.1:" + port + "/");
    }

    @Override
    public List<String> loadFor(int seconds) {
        return LoadTool.wrk(CONNECTIONS, seconds, "http://127.0.0.1:" + port + "/");
    }

    @Override
    public double perSecond(String told) {
        return LoadTool.perSecondByWrk(told);
    }
}
