package org.tiexec.it.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** redis without persistence, on a socket of its own. */
final class RedisServer implements Server {
    private static final long GUESS = 20_000;

    private final Path socket;
    private double lastPerSecond = GUESS;

    RedisServer(Scratch scratch) throws IOException {
        socket = scratch.newDirectory("redis").resolve("socket");
    }

    @Override
    public String name() {
        return "redis";
    }

    @Override
    public String load() {
        return "GET by redis-benchmark";
    }

    @Override
    public List<String> missingPackages() {
        return LoadTool.missing("redis-server", "redis-server", "redis-benchmark", "redis-tools");
    }

    @Override
    public void prepare() {
        // it begins empty
    }

    @Override
    public Program program() {
        return new Program(
                name(),
                List.of(
                        Program.find("redis-server").orElseThrow().toString(),
                        "--port",
                        "0",
                        "--unixsocket",
                        socket.toString(),
                        "--save",
                        "",
                        "--loglevel",
                        "warning",
                        "--dir",
                        String.valueOf(socket.getParent())),
                "redis-server");
    }

    @Override
    public List<String> user() {
        return List.of();
    }

    @Override
    public boolean answers() {
        return Files.exists(socket);
    }

    /** It is told a number of requests, not a time: as many as it has answered in that time before. */
    @Override
    public List<String> loadFor(int seconds) {
        long requests = (long) (lastPerSecond * seconds);
        return List.of(
                "redis-benchmark",
                "-s",
                socket.toString(),
                "-t",
                "get",
                "-n",
                Long.toString(requests),
                "-c",
                "20",
                "--csv");
    }

    @Override
    public double perSecond(String told) {
        lastPerSecond = LoadTool.number(told, "(?m)^\"GET\",\"([0-9.]+)\"");
        return lastPerSecond;
    }
}
