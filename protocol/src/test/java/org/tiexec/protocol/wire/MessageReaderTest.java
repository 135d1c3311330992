package org.tiexec.protocol.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.SamplePlans;
import org.tiexec.protocol.plan.Settings;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;

final class MessageReaderTest {
    private static final String END = "{\"type\":\"end\",\"steps\":3}";
    private static final Message THREE = new Message.PlanEnd(3);

    private static MessageReader reader(String text) {
        return new MessageReader(new ByteArrayInputStream(text.getBytes(UTF_8)));
    }

    private static void assertRefused(String line, String... parts) {
        assertThatThrownBy(() -> SampleMessages.parse(line))
                .as(line)
                .isInstanceOf(ProtocolException.class)
                .hasMessageContainingAll(parts);
    }

    // ---- lines

    @Test
    void anEmptyStreamHasNoMessage() throws ProtocolException, IOException {
        assertThat(reader("").next()).isEmpty();
    }

    @Test
    void readsOneMessageALine() throws ProtocolException, IOException {
        MessageReader reader = reader(END + "\n{\"type\":\"end\",\"steps\":4}\n");
        assertThat(reader.next()).contains(THREE);
        assertThat(reader.next()).contains(new Message.PlanEnd(4));
        assertThat(reader.next()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{", "{\"type\":\"end\"", END})
    void aStreamThatEndsWithinALineIsAnError(String half) throws ProtocolException, IOException {
        MessageReader reader = reader(END + "\n" + half);
        assertThat(reader.next()).contains(THREE);
        assertThatThrownBy(reader::next)
                .isInstanceOf(ProtocolException.class)
                .hasMessage("the stream ends within a line");
    }

    @Test
    void aLineMayBeAsLongAsTheLimitAndNotLonger() throws ProtocolException, IOException {
        String longest = END + " ".repeat(MessageReader.MAX_LINE - END.length());
        MessageReader reader = reader(longest + "\n" + longest + "\n" + longest + " \n");
        assertThat(reader.next()).contains(THREE);
        assertThat(reader.next()).contains(THREE);
        assertThatThrownBy(reader::next)
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a line is longer than 1048576 bytes");
    }

    @Test
    void aPlanMayBeAsLongAsTheLimitAndNotLonger() throws ProtocolException, IOException {
        Plan plan = SamplePlans.all().get(0);
        String start = SampleMessages.line(new Message.PlanStart(plan.header()));
        String step = SampleMessages.line(new Message.PlanStep(plan.steps().get(0)));
        String longStep = step + " ".repeat(MessageReader.MAX_LINE - step.length());
        String lastStep = step + " ".repeat(MessageReader.MAX_LINE - step.length() - start.getBytes(UTF_8).length);
        String longest = start + "\n" + (longStep + "\n").repeat(3) + lastStep;

        MessageReader reader = reader(longest + "\n" + END + "\n" + longest + " \n");
        for (int message = 0; message < 6; message++) {
            assertThat(reader.next()).as("message %d", message).isPresent();
        }
        for (int message = 0; message < 4; message++) {
            assertThat(reader.next()).as("message %d of the next plan", message).isPresent();
        }
        assertThatThrownBy(reader::next)
                .isInstanceOf(ProtocolException.class)
                .hasMessage("a plan is longer than 4194304 bytes");
    }

    @Test
    void whatIsNoPlanMayGoOnForEver() throws ProtocolException, IOException {
        String longest = END + " ".repeat(MessageReader.MAX_LINE - END.length()) + "\n";
        MessageReader reader = reader(longest.repeat(6));
        for (int message = 0; message < 6; message++) {
            assertThat(reader.next()).contains(THREE);
        }
    }

    @Test
    void aLineWithoutAnEndIsRefusedAtTheLimit() {
        InputStream endless = new InputStream() {
            private int given;

            @Override
            public int read() {
                given++;
                return 'x';
            }

            @Override
            public int read(byte[] bytes, int offset, int length) {
                assertThat(given).isLessThan(2 * MessageReader.MAX_LINE);
                given += length;
                Arrays.fill(bytes, offset, offset + length, (byte) 'x');
                return length;
            }
        };
        assertThatThrownBy(() -> new MessageReader(endless).next())
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("longer than");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 7, 8191, 8192, 8193})
    void readsLinesHoweverTheyArriveInPieces(int piece) throws ProtocolException, IOException {
        String text = String.join("\n", SampleMessages.lines()) + "\n";
        InputStream slow = new ByteArrayInputStream(text.getBytes(UTF_8)) {
            @Override
            public int read(byte[] bytes, int offset, int length) {
                return super.read(bytes, offset, Math.min(length, piece));
            }
        };
        MessageReader reader = new MessageReader(slow);
        for (Message message : SampleMessages.all()) {
            assertThat(reader.next()).contains(message);
        }
        assertThat(reader.next()).isEmpty();
    }

    @Test
    void aFailingStreamFails() {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("broken");
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                throw new IOException("broken");
            }
        };
        assertThatThrownBy(() -> new MessageReader(broken).next())
                .isInstanceOf(IOException.class)
                .hasMessage("broken");
    }

    // ---- JSON

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "null",
                "true",
                "17",
                "\"end\"",
                "[]",
                "[" + END + "]",
                "{}{}",
                END + END,
                END + " x",
                END + "]",
                "x" + END,
                "{\"type\":\"end\",\"steps\":3",
                "{\"type\":\"end\",\"steps\":3,}",
                "{\"type\":\"end\",\"steps\":03}",
                "{\"type\":\"end\",\"steps\":+3}",
                "{\"type\":\"end\",\"steps\":0x3}",
                "{\"type\":\"end\",\"steps\":NaN}",
                "{\"type\":\"end\" \"steps\":3}",
                "{'type':'end','steps':3}",
                "{type:\"end\",steps:3}",
                "{\"type\":\"end\",\"steps\":3}//",
                "\ufeff{\"type\":\"end\",\"steps\":3}",
                "OpenJDK 64-Bit Server VM warning: something to say",
                "\u0000\u0001\u0002",
                "{\"type\":\"e\u0001nd\",\"steps\":3}",
                "{\"type\":\"e\\xnd\",\"steps\":3}",
                "{\"type\":\"end\",\"type\":\"end\",\"steps\":3}",
                "{\"type\":\"end\",\"steps\":3,\"steps\":3}",
                "{\"type\":\"end\",\"steps\":3,\"x\":{\"a\":1,\"a\":2}}",
            })
    void refusesWhatIsNotOneJsonObject(String line) {
        assertThatThrownBy(() -> SampleMessages.parse(line))
                .isInstanceOf(ProtocolException.class)
                .hasMessageMatching("(?s)(not JSON|not a JSON object|more than one JSON value): .*");
    }

    @Test
    void showsTheBeginningOfALineWithoutControlCharacters() {
        String line = "Exception in thread \u001b[31m\"main\"\r\t" + "x".repeat(1000);
        assertThatThrownBy(() -> SampleMessages.parse(line))
                .hasMessage("not JSON: Exception in thread ?[31m\"main\"??" + "x".repeat(87) + "…");
    }

    @Test
    void refusesDeepNesting() throws ProtocolException {
        for (int depth : new int[] {11, 12, 100, 100_000}) {
            String nested = "[".repeat(depth) + "]".repeat(depth);
            String line = "{\"type\":\"end\",\"steps\":3,\"x\":" + nested + "}";
            if (depth < 12) {
                assertThat(SampleMessages.parse(line)).isEqualTo(THREE);
            } else {
                assertRefused(line, "not JSON");
            }
        }
    }

    @Test
    void refusesVeryLongStringsAndNumbersAndNames() {
        assertRefused(
                "{\"type\":\"declined\",\"nothingToDo\":true,\"reason\":\"" + "x".repeat(65537) + "\"}", "not JSON");
        assertRefused("{\"type\":\"end\",\"steps\":" + "1".repeat(100) + "}", "not JSON");
        assertRefused("{\"type\":\"end\",\"steps\":3,\"" + "x".repeat(60_000) + "\":1}", "not JSON");
    }

    @Test
    void takesALongReason() throws ProtocolException {
        String reason = "x".repeat(65536);
        assertThat(SampleMessages.parse("{\"type\":\"declined\",\"nothingToDo\":true,\"reason\":\"" + reason + "\"}"))
                .isEqualTo(new Message.Declined(true, reason));
    }

    @Test
    void replacesBytesThatAreNoUtf8() throws ProtocolException {
        byte[] line = "{\"type\":\"declined\",\"nothingToDo\":false,\"reason\":\"\u00ff\"}".getBytes(ISO_8859_1);
        assertThat(MessageReader.parse(line)).isEqualTo(new Message.Declined(false, "\ufffd"));
    }

    // ---- fields

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"x\":null",
                "\"x\":true",
                "\"x\":\"0x\"",
                "\"x\":1e999",
                "\"x\":-12345678901234567890",
                "\"x\":{\"type\":\"hello\",\"deep\":[null,{\"a\":[]}]}",
                "\"x\":[null,1,\"\",{},[]]",
                "\"Steps\":4",
                "\"\":1",
            })
    void ignoresUnknownFields(String field) throws ProtocolException {
        assertThat(SampleMessages.parse("{\"type\":\"end\"," + field + ",\"steps\":3}"))
                .isEqualTo(THREE);
        assertThat(SampleMessages.parse("{" + field + ",\"steps\":3,\"type\":\"end\"}"))
                .isEqualTo(THREE);
    }

    @Test
    void ignoresUnknownFieldsInEveryMessageAndAtEveryLevel() throws ProtocolException {
        for (Message message : SampleMessages.all()) {
            String line = SampleMessages.line(message).replace("{\"", "{\"unknown\":[1,{}],\"");
            assertThat(SampleMessages.parse(line)).isEqualTo(message);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "HELLO", "end ", "goodbye", "report", "syscall", "\\u0000"})
    void refusesUnknownTypes(String type) {
        assertRefused("{\"type\":\"" + type + "\",\"steps\":3}", "field \"type\": unknown message type, in: {");
    }

    static Stream<Arguments> wrongFields() {
        String region = "{\"id\":\"r1\",\"start\":\"0x600000\",\"length\":\"0x600000\",\"mappingStart\":\"0x5ff000\","
                + "\"mappingLength\":\"0x611000\",\"fileOffset\":\"0x200000\",\"protection\":\"r-x\"}";
        String plan = SampleMessages.lines().stream()
                .filter(line -> line.startsWith("{\"type\":\"plan\"") && line.contains("[" + region + "]"))
                .findFirst()
                .orElseThrow();
        String call = "{\"type\":\"step\",\"id\":\"s1\",\"region\":\"r1\",\"do\":\"syscall\",\"call\":\"munmap\","
                + "\"args\":[\"0x1000\",\"0x1000\"],\"expect\":\"zero\",\"why\":\"\"}";
        String fill = "{\"type\":\"step\",\"id\":\"s1\",\"region\":\"r1\",\"do\":\"fill\",\"to\":\"0x1000\"}";
        return Stream.of(
                arguments("{}", "field \"type\": missing"),
                arguments("{\"type\":null}", "field \"type\": missing"),
                arguments("{\"type\":1}", "field \"type\": not a string"),
                arguments("{\"type\":\"end\"}", "field \"steps\": missing"),
                arguments("{\"type\":\"end\",\"steps\":null}", "field \"steps\": missing"),
                arguments("{\"type\":\"end\",\"steps\":\"3\"}", "field \"steps\": not a whole number"),
                arguments("{\"type\":\"end\",\"steps\":3.0}", "field \"steps\": not a whole number"),
                arguments("{\"type\":\"end\",\"steps\":true}", "field \"steps\": not a whole number"),
                arguments("{\"type\":\"end\",\"steps\":[3]}", "field \"steps\": not a whole number"),
                arguments("{\"type\":\"end\",\"steps\":-1}", "field \"steps\": out of range"),
                arguments("{\"type\":\"end\",\"steps\":2147483648}", "field \"steps\": out of range"),
                arguments("{\"type\":\"end\",\"steps\":9223372036854775808}", "field \"steps\": not a whole number"),
                arguments("{\"type\":\"hello\",\"version\":1,\"pid\":-1}", "field \"pid\": out of range"),
                arguments(
                        "{\"type\":\"start\",\"version\":1,\"pid\":1,\"strategy\":\"bold\",\"backing\":\"auto\","
                                + "\"method\":\"auto\"}",
                        "field \"strategy\": unknown value"),
                arguments(
                        "{\"type\":\"declined\",\"nothingToDo\":\"true\",\"reason\":\"\"}",
                        "field \"nothingToDo\": not true or false"),
                arguments(
                        "{\"type\":\"do\",\"id\":\"s1\",\"to\":\"1000\"}",
                        "field \"to\": not a number of the form 0x…"),
                arguments("{\"type\":\"do\",\"id\":\"s 1\",\"to\":\"0x1\"}", "field \"id\": not a name of 1 to 32"),
                arguments("{\"type\":\"done\",\"id\":\"s1\"}", "field \"result\": missing"),
                arguments("{\"type\":\"done\",\"id\":\"s1\",\"result\":0}", "field \"result\": not a string"),
                arguments("{\"type\":\"done\",\"id\":\"s1\",\"failed\":\"ENOMEM\"}", "field \"errno\": missing"),
                arguments(
                        "{\"type\":\"done\",\"id\":\"s1\",\"failed\":\"\",\"errno\":0}",
                        "field \"errno\": out of range"),
                arguments(
                        "{\"type\":\"done\",\"id\":\"s1\",\"failed\":\"\",\"errno\":4096}",
                        "field \"errno\": out of range"),
                arguments("{\"type\":\"done\",\"id\":\"s1\",\"refused\":1}", "field \"refused\": not a string"),
                arguments(
                        "{\"type\":\"digested\",\"region\":\"r1\",\"sha256\":\"" + "A".repeat(64) + "\"}",
                        "field \"sha256\": not 64 lower-case hexadecimal digits"),
                arguments(
                        "{\"type\":\"digested\",\"region\":\"r1\",\"sha256\":\"" + "a".repeat(63) + "\"}",
                        "field \"sha256\": not 64 lower-case hexadecimal digits"),
                // plan
                arguments(plan.replace("\"version\":1", "\"version\":2"), "field \"version\": plan version 2 is not 1"),
                arguments(plan.replace("staged-swap", "auto"), "field \"method\": unknown value"),
                arguments(plan.replace("\"hugetlb\"", "\"auto\""), "field \"backing\": unknown value"),
                arguments(plan.replace("[" + region + "]", "{}"), "field \"regions\": not an array"),
                arguments(plan.replace("[" + region + "]", "[1]"), "field \"regions\": not an array of objects"),
                arguments(plan.replace("[" + region + "]", "[null]"), "field \"regions\": not an array of objects"),
                arguments(plan.replace("[" + region + "]", "[" + region + ",{}]"), "field \"regions[1].id\": missing"),
                arguments(plan.replace("\"id\":\"r1\"", "\"id\":\"\""), "field \"regions[0].id\": not a name"),
                arguments(plan.replace("0x611000", "0x0"), "field \"regions[0].mappingLength\": empty or inverted"),
                arguments(
                        plan.replace("\"length\":\"0x600000\"", "\"length\":\"0xffffffffffffffff\""),
                        "field \"regions[0].length\": empty or inverted range 0x600000-0x5fffff"),
                arguments(
                        plan.replace("\"start\":\"0x600000\"", "\"start\":\"0x700000\""),
                        "field \"regions[0].start\": region 0x700000-0xd00000 is not inside its mapping"),
                arguments(plan.replace("r-x", "r-xp"), "field \"regions[0].protection\": not three letters"),
                arguments(plan.replace("r-x", "x-r"), "field \"regions[0].protection\": not a protection"),
                arguments(plan.replace("\"notes\":[", "\"notes\":[null,"), "field \"notes\": not an array of strings"),
                arguments(plan.replace("\"notes\":[", "\"notes\":[1,"), "field \"notes\": not an array of strings"),
                arguments(plan.replace("\"kernel\":", "\"Kernel\":"), "field \"host.kernel\": missing"),
                arguments(
                        plan.replace("\"hugePagesFree\":12", "\"hugePagesFree\":-1"),
                        "field \"host.hugePagesFree\": out of range"),
                // step
                arguments(call.replace("syscall", "execve"), "field \"do\": unknown value"),
                arguments(call.replace("munmap", "execve"), "field \"call\": unknown value"),
                arguments(call.replace("[\"0x1000\",", "["), "field \"args\": munmap takes 2 arguments, not 1, in: {"),
                arguments(call.replace("[\"0x1000\",", "[null,"), "field \"args\": neither a number"),
                arguments(call.replace("[\"0x1000\",", "[true,"), "field \"args\": neither a number"),
                arguments(call.replace("[\"0x1000\",", "[1.5,"), "field \"args\": neither a number"),
                arguments(call.replace("[\"0x1000\",", "[[],"), "field \"args\": neither a number"),
                arguments(call.replace("[\"0x1000\",", "[\"0x\","), "field \"args\": not a number of the form 0x…"),
                arguments(call.replace("[\"0x1000\",", "[\"\","), "field \"args\": unknown value"),
                arguments(call.replace("[\"0x1000\",", "[\"PROT_READ|\","), "field \"args\": unknown value"),
                arguments(call.replace("[\"0x1000\",", "[\"|PROT_READ\","), "field \"args\": unknown value"),
                arguments(call.replace("[\"0x1000\",", "[\"PROT_READ PROT_EXEC\","), "field \"args\": unknown value"),
                arguments(call.replace("[\"0x1000\",", "[{},"), "field \"args[0].result\": missing"),
                arguments(call.replace("[\"0x1000\",", "[{\"result\":\"\"},"), "field \"args[0].result\": not a name"),
                arguments(call.replace("\"zero\"", "\"success\""), "field \"expect\": not zero, address, any, or 0x…"),
                arguments(call.replace(",\"why\":\"\"", ""), "field \"why\": missing"),
                arguments(call.replace("}", ",\"undo\":[]}"), "field \"undo\": not an object"),
                arguments(call.replace("}", ",\"undo\":{}}"), "field \"undo.call\": missing"),
                arguments(
                        call.replace("}", ",\"undo\":{\"call\":\"munmap\",\"args\":[{}]}}"),
                        "field \"undo.args[0].result\": missing"),
                arguments(fill.replace("fill", "spill"), "field \"do\": unknown value"),
                arguments(fill.replace("\"0x1000\"", "4096"), "field \"to\": not an object"),
                arguments(fill.replace("\"0x1000\"", "\"s1\""), "field \"to\": not a number of the form 0x…"),
                arguments(fill.replace("\"0x1000\"", "{}"), "field \"to.result\": missing"));
    }

    @ParameterizedTest
    @MethodSource("wrongFields")
    void namesTheFieldThatIsWrong(String line, String message) {
        assertRefused(line, message, ", in: {");
    }

    @Test
    void aFieldThatIsNullIsAbsent() throws ProtocolException {
        String fill = "{\"type\":\"step\",\"id\":\"s1\",\"region\":\"r1\",\"do\":\"syscall\",\"call\":\"munmap\","
                + "\"args\":[\"0x1000\",\"0x1000\"],\"expect\":\"zero\",\"why\":\"\"}";
        assertThat(SampleMessages.parse(fill.replace("}", ",\"undo\":null}"))).isEqualTo(SampleMessages.parse(fill));
        assertThat(List.of(SampleMessages.parse("{\"type\":\"done\",\"id\":\"s\",\"failed\":null,\"result\":\"0x1\"}")))
                .hasToString("[TaskDone[step=s, result=Succeeded[value=1]]]");
    }

    @Test
    void aRequestThatDoesNotSayWhatForIsOfALaunch() throws ProtocolException {
        String start = "{\"type\":\"start\",\"version\":1,\"pid\":7,\"strategy\":\"conservative\","
                + "\"backing\":\"auto\",\"method\":\"auto\"}";
        assertThat(SampleMessages.parse(start)).isEqualTo(new Message.Start(1, 7, Settings.DEFAULT));
        assertThat(SampleMessages.parse(start.replace("}", ",\"purpose\":\"attach\"}")))
                .isEqualTo(new Message.Start(
                        1, 7, Settings.attach(Targets.ALL, StrategyName.CONSERVATIVE, BackingChoice.AUTO)));
        assertThat(SampleMessages.parse(start.replace("}", ",\"purpose\":\"undo\"}")))
                .isEqualTo(new Message.Start(1, 7, Settings.undo()));
    }

    @Test
    void aPlanThatDoesNotSayWhatForIsOfALaunch() throws ProtocolException {
        Message launch = new Message.PlanStart(SamplePlans.all().get(0).header());
        String line = SampleMessages.line(launch);
        assertThat(line).contains("\"purpose\":\"launch\",");
        assertThat(SampleMessages.parse(line.replace("\"purpose\":\"launch\",", "")))
                .isEqualTo(launch);
    }

    @Test
    void aPlanInPlaceIsOfALaunchOnly() {
        Message launch = new Message.PlanStart(SamplePlans.plan(
                        MethodName.IN_PLACE,
                        BackingName.THP,
                        SamplePlans.all().get(0).header().regions().get(0))
                .header());
        assertRefused(
                SampleMessages.line(launch).replace("\"launch\"", "\"attach\""),
                "field \"method\": attach is never done in place",
                ", in: {");
    }
}
