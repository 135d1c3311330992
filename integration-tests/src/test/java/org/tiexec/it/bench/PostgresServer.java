package org.tiexec.it.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayList;
import java.util.List;

/** PostgreSQL with a small database in memory, read by pgbench over a Unix socket. */
final class PostgresServer implements Server {
    private static final String USER = "postgres";
    private static final int PORT = 5432;
    private static final int SCALE = 5;

    private final Path home;

    PostgresServer(Scratch scratch) throws IOException {
        home = scratch.newDirectory("postgres");
    }

    @Override
    public String name() {
        return "pgbench";
    }

    @Override
    public String load() {
        return "select-only transactions";
    }

    @Override
    public List<String> missingPackages() throws IOException {
        return Program.postgres().isPresent() ? List.of() : List.of("postgresql");
    }

    @Override
    public void prepare() throws IOException, InterruptedException {
        if (isRoot()) {
            UserPrincipal owner =
                    home.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName(USER);
            Files.setOwner(home, owner);
        }
        LoadTool.run(
                asUser(program("initdb"), "-D", cluster(), "--auth=trust", "--no-sync", "--no-locale", "-U", USER));
        List<String> start = new ArrayList<>(user());
        start.addAll(program().command());
        ProcessBuilder builder = new ProcessBuilder(start)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().put(OurProcesses.MARK, OurProcesses.mark());
        Process server = builder.start();
        try {
            Await.that("an answer of PostgreSQL", this::answers);
            LoadTool.run(client("pgbench", "--initialize", "--quiet", "--scale=" + SCALE));
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    @Override
    public Program program() {
        return new Program(
                name(),
                List.of(
                        program("postgres"),
                        "-D",
                        cluster(),
                        "-p",
                        Integer.toString(PORT),
                        "-c",
                        "listen_addresses=",
                        "-c",
                        "unix_socket_directories=" + home,
                        "-c",
                        "huge_pages=off"),
                "postgresql");
    }

    /** It refuses to run as root. Its home, where a launch may keep class-data archives, goes with all else. */
    @Override
    public List<String> user() {
        if (!isRoot()) {
            return List.of();
        }
        return List.of("setpriv", "--reuid=" + USER, "--regid=" + USER, "--clear-groups", "env", "HOME=" + home);
    }

    @Override
    public boolean answers() throws IOException {
        try {
            Process ready = new ProcessBuilder(client("pg_isready"))
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return ready.waitFor() == 0;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public List<String> loadFor(int seconds) {
        return client("pgbench", "--select-only", "--client=4", "--jobs=1", "--no-vacuum", "--time=" + seconds);
    }

    @Override
    public double perSecond(String told) {
        return LoadTool.number(told, "(?m)^tps = ([0-9.]+)");
    }

    private List<String> client(String name, String... arguments) {
        List<String> command = new ArrayList<>(
                List.of("env", "PGHOST=" + home, "PGPORT=" + PORT, "PGUSER=" + USER, "PGDATABASE=" + USER));
        command.add(program(name));
        command.addAll(List.of(arguments));
        return command;
    }

    private List<String> asUser(String... command) {
        List<String> all = new ArrayList<>(user());
        all.addAll(List.of(command));
        return all;
    }

    private String cluster() {
        return home.resolve("cluster").toString();
    }

    private static String program(String name) {
        try {
            return Program.postgres().orElseThrow().resolve(name).toString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isRoot() {
        return System.getProperty("user.name", "").equals("root");
    }
}
