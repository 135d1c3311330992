package org.tiexec.it.support;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Clients that ask a server for its pages over and over, and compare each answer with that which it gave at first.
 *
 * <p>The pages are {@code /0}, {@code /1} and so on; each must always be the same.
 */
public final class CheckingClients implements AutoCloseable {
    private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(30));
    private static final int PAGES = 16;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final String server;
    private final Duration pause;
    private final List<String> expected = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicBoolean goOn = new AtomicBoolean(true);
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private volatile String complaint = "";

    /** Learns the pages of a server on the loopback interface and starts to ask for them. */
    public CheckingClients(int count, int port) throws IOException {
        this(count, port, Duration.ZERO);
    }

    /** The same with clients that leave some of the processors to others: each pauses after an answer. */
    public CheckingClients(int count, int port, Duration pause) throws IOException {
        this.pause = pause;
        server = "http://127.0.0.1:" + port + "/";
        for (int page = 0; page < PAGES; page++) {
            expected.add(ask(page));
        }
        for (int number = 0; number < count; number++) {
            int first = number;
            Thread thread = new Thread(() -> askAll(first), "client " + number);
            thread.start();
            threads.add(thread);
        }
    }

    /** Whether a server answers at all. */
    public static boolean isAnswered(int port) {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/0"))
                    .timeout(PATIENCE)
                    .build();
            HttpResponse<Void> answer =
                    HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.discarding());
            return answer.statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private void askAll(int first) {
        try {
            for (int page = first; goOn.get(); page++) {
                long start = System.nanoTime();
                String answer = ask(page % PAGES);
                longestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
                if (!answer.equals(expected.get(page % PAGES))) {
                    complain("page " + page % PAGES + " was\n" + expected.get(page % PAGES) + "\nand is\n" + answer);
                }
                answers.incrementAndGet();
                LockSupport.parkNanos(pause.toNanos());
            }
        } catch (IOException e) {
            complain(e.toString());
        }
    }

    private synchronized void complain(String text) {
        if (complaint.isEmpty()) {
            complaint = text;
        }
        goOn.set(false);
    }

    private String ask(int page) throws IOException {
        try {
            HttpRequest request = HttpRequest.newBuilder(URI.create(server + page))
                    .timeout(PATIENCE)
                    .build();
            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode() + ": " + answer.body());
            }
            return answer.body();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** How many answers there were so far. */
    public long answers() {
        return answers.get();
    }

    /** Whether they go on asking, since nothing was wrong so far. */
    public boolean isAsking() {
        return goOn.get();
    }

    /** Asks no more; tells how long the longest answer took, and fails if any was wrong or missing. */
    public Duration finish() {
        close();
        if (!complaint.isEmpty()) {
            throw new AssertionError(server + ", after " + answers + " answers: " + complaint);
        }
        return Duration.ofNanos(longestNanos.get());
    }

    @Override
    public void close() {
        goOn.set(false);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
