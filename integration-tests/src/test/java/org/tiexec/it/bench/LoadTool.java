package org.tiexec.it.bench;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the loads of several servers have in common. */
final class LoadTool {
    private LoadTool() {}

    /** A port of the loopback interface that nobody uses now. */
    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Asks for a page over and over, by a number of connections. */
    static List<String> wrk(int connections, int seconds, String url) {
        return List.of("wrk", "-t1", "-c" + connections, "-d" + seconds + "s", url);
    }

    static double perSecondByWrk(String told) {
        if (told.contains("Non-2xx")) {
            throw new BenchmarkException("not every request was answered: " + told);
        }
        return number(told, "Requests/sec: +([0-9.]+)");
    }

    static double number(String told, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(told);
        if (!matcher.find()) {
            throw new BenchmarkException("no " + pattern + " in: " + told);
        }
        return Double.parseDouble(matcher.group(1));
    }

    static boolean answers(String url) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) URI.create(url).toURL().openConnection();
            connection.setReadTimeout(2000);
            try (InputStream body = connection.getInputStream()) {
                body.readAllBytes();
            }
            return connection.getResponseCode() == HttpURLConnection.HTTP_OK;
        } catch (IOException e) {
            return false;
        }
    }

    /** Runs a command to its end and returns what it printed. */
    static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectInput(Redirect.from(new File("/dev/null")))
                .redirectErrorStream(true)
                .start();
        String told = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int status = process.waitFor();
        if (status != 0) {
            throw new BenchmarkException(String.join(" ", command) + " exited with " + status + ": " + told);
        }
        return told;
    }

    /** Those packages whose command is not there. */
    static List<String> missing(String... commandsAndPackages) {
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < commandsAndPackages.length; i += 2) {
            if (Program.find(commandsAndPackages[i]).isEmpty()) {
                missing.add(commandsAndPackages[i + 1]);
            }
        }
        return missing;
    }
}
