package org.tiexec.it.support;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/**
 * A server whose JVM has much to do besides: it collects garbage, compiles, unwinds, and catches the faults by which it
 * finds null.
 */
public final class JavaServer {
    private static final int THREADS = 8;
    private static final Pattern WORD = Pattern.compile("n(\\d+)e");

    private JavaServer() {}

    /**
     * Serves {@code /N} until the end of its standard input.
     *
     * @param words its port
     */
    public static void main(String... words) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        HttpServer server = HttpServer.create(new InetSocketAddress(here, Integer.parseInt(words[0])), 0);
        server.setExecutor(Executors.newFixedThreadPool(THREADS));
        server.createContext("/", exchange -> {
            byte[] page = page(Integer.parseInt(
                            exchange.getRequestURI().getPath().substring(1)))
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        server.start();
        System.out.println("ready");
        while (System.in.read() >= 0) {
            // until it ends
        }
        System.exit(7);
    }

    private static String page(int number) throws IOException {
        Random random = new Random(number);
        TreeMap<String, List<Integer>> sorted = new TreeMap<>();
        for (int i = 0; i < 2000; i++) {
            sorted.computeIfAbsent("n" + random.nextInt(500) + "e", key -> new ArrayList<>())
                    .add(i);
        }
        // the last is null
        String[] texts = Arrays.copyOf(new String[] {sorted.firstKey(), sorted.lastKey()}, 3);
        int nothing = 0;
        for (int i = 0; i < 100; i++) {
            nothing += lengthOf(texts, i % texts.length);
        }
        String text = sorted.toString();
        BigInteger power = BigInteger.valueOf(number + 3)
                .pow(500)
                .mod(BigInteger.TWO.pow(127).subtract(BigInteger.ONE));
        return nothing + " " + power + " " + digest(unzip(zip(text))) + "\n"
                + WORD.matcher(text).replaceAll("$1");
    }

    /** Compiled, it finds null by the fault that reading from there raises. */
    private static int lengthOf(String[] texts, int index) {
        try {
            return texts[index].length();
        } catch (NullPointerException e) {
            return 1000;
        }
    }

    private static byte[] zip(String text) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    private static byte[] unzip(byte[] zipped) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(zipped))) {
            return in.readAllBytes();
        }
    }

    private static String digest(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
