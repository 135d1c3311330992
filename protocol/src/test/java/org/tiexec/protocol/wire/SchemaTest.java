package org.tiexec.protocol.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ContainerNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.tiexec.protocol.abi.Advice;
import org.tiexec.protocol.abi.ArgumentKind;
import org.tiexec.protocol.abi.Errno;
import org.tiexec.protocol.abi.MmapFlag;
import org.tiexec.protocol.abi.MremapFlag;
import org.tiexec.protocol.abi.ProtFlag;
import org.tiexec.protocol.abi.SyscallName;
import org.tiexec.protocol.plan.BackingChoice;
import org.tiexec.protocol.plan.BackingName;
import org.tiexec.protocol.plan.Expectation;
import org.tiexec.protocol.plan.HelperTask;
import org.tiexec.protocol.plan.MethodChoice;
import org.tiexec.protocol.plan.MethodName;
import org.tiexec.protocol.plan.Plan;
import org.tiexec.protocol.plan.Purpose;
import org.tiexec.protocol.plan.StrategyName;
import org.tiexec.protocol.plan.Targets;

/** The schemas agree with the code: with what it writes, with what it reads, with its closed lists. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class SchemaTest {
    private static final JsonNode DEFINITIONS = Schemas.source("definitions").get("$defs");

    private static final String START =
            "{\"type\":\"start\",\"version\":1,\"pid\":1,\"strategy\":\"conservative\",\"backing\":\"auto\"";

    private final Schemas schemas = new Schemas();

    private static String typeOf(String line) {
        try {
            return Schemas.MAPPER.readTree(line).path("type").asText();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(line, e);
        }
    }

    static Stream<String> lines() {
        return SampleMessages.lines().stream();
    }

    // ---- the files

    @Test
    void thereIsOneSchemaForEachMessageType() throws IOException, URISyntaxException {
        Path directory = Path.of(Objects.requireNonNull(
                                Schemas.class.getResource("/org/tiexec/protocol/schema/hello.schema.json"))
                        .toURI())
                .resolveSibling("");
        Set<String> expected = new TreeSet<>(Schemas.TYPES);
        expected.add("definitions");
        Set<String> found = new TreeSet<>();
        try (Stream<Path> files = Files.list(directory)) {
            files.forEach(file -> found.add(file.toFile().getName().replace(".schema.json", "")));
        }
        found.remove("archive");
        assertThat(found).isEqualTo(expected);
        // one for each variant of Message, too
        assertThat(Message.class.getPermittedSubclasses()).hasSize(Schemas.TYPES.size());
        assertThat(lines().map(SchemaTest::typeOf).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(Schemas.TYPES);
    }

    @ParameterizedTest
    @FieldSource("org.tiexec.protocol.wire.Schemas#TYPES")
    void everySchemaIsValidAndSaysWhatItIsFor(String type) {
        JsonNode schema = Schemas.source(type);
        assertThat(schemas.errorsOfSchema(type)).isEmpty();
        assertThat(schema.path("$schema").asText()).isEqualTo("https://json-schema.org/draft/2020-12/schema");
        assertThat(schema.path("title").asText()).isEqualTo(type);
        assertThat(schema.path("description").asText()).contains(" to ");
        assertThat(schema.path("properties").path("type").path("const").asText())
                .isEqualTo(type);
        assertThat(schema.has("additionalProperties")).isFalse();
    }

    @Test
    void theDefinitionsAreValidAndDescribed() {
        assertThat(schemas.errorsOfSchema("definitions")).isEmpty();
        assertThat(DEFINITIONS)
                .allSatisfy(definition ->
                        assertThat(definition.path("description").asText()).isNotEmpty());
    }

    // ---- what the code writes

    @ParameterizedTest
    @MethodSource("lines")
    void everyLineThatIsWrittenIsValid(String line) {
        assertThat(schemas.errors(typeOf(line), line)).isEmpty();
    }

    @Test
    void aLineIsValidAsItsOwnTypeOnly() {
        for (String line : oneLineOfEachShape()) {
            for (String type : Schemas.TYPES) {
                assertThat(schemas.errors(type, line).isEmpty())
                        .as(type + ": " + line)
                        .isEqualTo(type.equals(typeOf(line)));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("lines")
    void unknownFieldsAreAllowedEverywhere(String line) {
        assertThat(schemas.errors(typeOf(line), line.replace("{\"", "{\"unknown\":[1,{}],\"")))
                .isEmpty();
    }

    // ---- what the code reads

    static Stream<Arguments> refusedLines() {
        String syscall = "{\"type\":\"step\",\"id\":\"s1\",\"region\":\"r1\",\"do\":\"syscall\",";
        String fill = "{\"type\":\"step\",\"id\":\"s1\",\"region\":\"r1\",\"do\":\"fill\"";
        return Stream.of(
                arguments("hello", "{\"type\":\"hello\",\"version\":1}"),
                arguments("hello", "{\"type\":\"hello\",\"version\":\"1\",\"pid\":1}"),
                arguments("hello", "{\"type\":\"hello\",\"version\":1,\"pid\":-1}"),
                arguments("hello", "{\"type\":\"hello\",\"version\":1,\"pid\":2147483648}"),
                arguments("hello", "{\"version\":1,\"pid\":1}"),
                arguments(
                        "start",
                        "{\"type\":\"start\",\"version\":1,\"pid\":1,\"strategy\":\"conservative\","
                                + "\"backing\":\"huge\",\"method\":\"auto\"}"),
                arguments(
                        "start",
                        "{\"type\":\"start\",\"version\":1,\"pid\":1,\"strategy\":\"reckless\","
                                + "\"backing\":\"auto\",\"method\":\"auto\"}"),
                arguments(
                        "start",
                        "{\"type\":\"start\",\"version\":1,\"pid\":1,\"strategy\":\"conservative\","
                                + "\"backing\":\"auto\"}"),
                arguments("start", START + ",\"purpose\":\"detach\",\"method\":\"auto\"}"),
                arguments("start", START + ",\"purpose\":\"attach\",\"method\":\"in-place\"}"),
                arguments("start", START + ",\"purpose\":\"undo\",\"targets\":\"exe\",\"method\":\"auto\"}"),
                arguments("start", START + ",\"libraries\":[\"\"],\"method\":\"auto\"}"),
                arguments("start", START + ",\"libraries\":\"lib*\",\"method\":\"auto\"}"),
                arguments("start", START + ",\"maxPages\":0,\"method\":\"auto\"}"),
                arguments("start", START + ",\"purpose\":\"undo\",\"maxPages\":1,\"method\":\"auto\"}"),
                arguments("start", START + ",\"targets\":\"libs,exe\",\"method\":\"auto\"}"),
                arguments("declined", "{\"type\":\"declined\",\"reason\":\"\"}"),
                arguments("declined", "{\"type\":\"declined\",\"nothingToDo\":1,\"reason\":\"\"}"),
                arguments("plan", "{\"type\":\"plan\",\"version\":1,\"pid\":1}"),
                arguments("step", fill + "}"),
                arguments("step", fill + ",\"to\":4096}"),
                arguments("step", fill + ",\"to\":\"s1\"}"),
                arguments("step", fill + ",\"to\":{\"step\":\"s1\"}}"),
                arguments("step", fill.replace("fill", "erase") + ",\"to\":\"0x1000\"}"),
                arguments("step", syscall + "\"call\":\"execve\",\"args\":[],\"expect\":\"any\",\"why\":\"\"}"),
                arguments(
                        "step", syscall + "\"call\":\"munmap\",\"args\":[\"0x1000\"],\"expect\":\"any\",\"why\":\"\"}"),
                arguments(
                        "step",
                        syscall + "\"call\":\"munmap\",\"args\":[\"0x1000\",\"0x1000\",0],\"expect\":\"any\","
                                + "\"why\":\"\"}"),
                arguments(
                        "step",
                        syscall + "\"call\":\"munmap\",\"args\":[\"0x1000\",\"0x1000\"],\"expect\":\"good\","
                                + "\"why\":\"\"}"),
                arguments(
                        "step", syscall + "\"call\":\"munmap\",\"args\":[\"0x1000\",\"0x1000\"],\"expect\":\"zero\"}"),
                arguments(
                        "step",
                        syscall + "\"call\":\"mprotect\",\"args\":[\"0x1000\",\"0x1000\",\"PROT_READ|PROT_GROWSUP\"],"
                                + "\"expect\":\"zero\",\"why\":\"\"}"),
                arguments(
                        "step",
                        syscall + "\"call\":\"munmap\",\"args\":[\"0x1000\",\"0x1000\"],\"expect\":\"zero\","
                                + "\"why\":\"\",\"undo\":{\"call\":\"brk\",\"args\":[]}}"),
                arguments("end", "{\"type\":\"end\",\"steps\":-1}"),
                arguments("end", "{\"type\":\"end\"}"),
                arguments("do", "{\"type\":\"do\",\"id\":\"s1\",\"to\":\"1000\"}"),
                arguments("do", "{\"type\":\"do\",\"id\":\"s1\",\"to\":\"0x10000000000000000\"}"),
                arguments("do", "{\"type\":\"do\",\"id\":\"\",\"to\":\"0x1000\"}"),
                arguments("do", "{\"type\":\"do\",\"id\":\"s.1\",\"to\":\"0x1000\"}"),
                arguments("done", "{\"type\":\"done\",\"id\":\"s1\"}"),
                arguments("done", "{\"type\":\"done\",\"id\":\"s1\",\"failed\":\"ENOMEM\"}"),
                arguments("done", "{\"type\":\"done\",\"id\":\"s1\",\"failed\":\"ENOMEM\",\"errno\":0}"),
                arguments("done", "{\"type\":\"done\",\"id\":\"s1\",\"failed\":\"ENOMEM\",\"errno\":4096}"),
                arguments("done", "{\"type\":\"done\",\"id\":\"s1\",\"result\":12}"),
                arguments("digest", "{\"type\":\"digest\",\"region\":7}"),
                arguments("digested", "{\"type\":\"digested\",\"region\":\"r1\",\"sha256\":\"abc\"}"),
                arguments("digested", "{\"type\":\"digested\",\"region\":\"r1\"}"),
                arguments("undigested", "{\"type\":\"undigested\",\"region\":\"r1\"}"),
                arguments("undigested", "{\"type\":\"undigested\",\"region\":\"r 1\",\"reason\":\"gone\"}"),
                arguments("undigested", "{\"type\":\"undigested\",\"region\":\"r1\",\"reason\":7}"),
                arguments("hello", "[]"),
                arguments("hello", "\"hello\""));
    }

    @ParameterizedTest
    @MethodSource("refusedLines")
    void whatTheSchemaRefusesTheReaderRefuses(String type, String line) {
        assertThat(schemas.errors(type, line)).isNotEmpty();
        assertThatThrownBy(() -> SampleMessages.parse(line)).isInstanceOf(ProtocolException.class);
    }

    /**
     * Puts values of every kind in every place of a sample of every shape. What a schema allows the reader must take,
     * save where fields contradict each other; what only the reader takes is listed here.
     */
    @Test
    void readerAndSchemaAgreeOnEveryFieldOfEveryMessage() throws JsonProcessingException {
        Set<String> onlyTheReader = new TreeSet<>();
        int tried = 0;
        for (String line : oneLineOfEachShape()) {
            String type = typeOf(line);
            for (Mutant mutant : mutants(line)) {
                tried++;
                List<String> errors = schemas.errors(type, mutant.line());
                String reason = reasonAgainst(mutant.line());
                if (errors.isEmpty()) {
                    assertThat(reason)
                            .as(mutant.line())
                            .matches("|.* is not inside its mapping .*|.*empty or inverted range .*");
                } else if (reason.isEmpty()) {
                    onlyTheReader.add(type + " " + mutant.place());
                }
            }
        }
        assertThat(tried).isGreaterThan(3000);
        // whether an argument is of the right kind is for PlanValidator to say
        onlyTheReader.removeIf(place -> place.matches("step (/undo)?/args/[0-5] (number|text|object)"));
        assertThat(onlyTheReader)
                .containsExactly(
                        "done /failed text",
                        "plan /arch text",
                        "plan /host/thp text",
                        "plan /purpose null",
                        "start /libraries null",
                        "start /maxPages null",
                        "start /purpose null",
                        "start /targets null",
                        "step /call text",
                        "step /undo null");
    }

    private static Collection<String> oneLineOfEachShape() {
        Map<String, String> lines = new LinkedHashMap<>();
        for (String line : SampleMessages.lines()) {
            // the names of the fields, and the values that decide on others
            String shape = line.replaceAll("\"(?!type|do\"|call)([a-zA-Z]+)\":(\"[^\"]*\"|[-0-9]+)", "$1")
                    .replaceAll("\\[[^]]*]", "");
            lines.putIfAbsent(shape, line);
        }
        return lines.values();
    }

    private record Mutant(String place, String line) {}

    private static List<Mutant> mutants(String line) throws JsonProcessingException {
        List<Mutant> mutants = new ArrayList<>();
        JsonNode whole = Schemas.MAPPER.readTree(line);
        collect(whole, whole, "", mutants);
        return mutants;
    }

    private static void collect(JsonNode whole, JsonNode node, String path, List<Mutant> mutants)
            throws JsonProcessingException {
        if (node instanceof ObjectNode object) {
            for (String name : names(object)) {
                JsonNode value = object.get(name);
                collect(whole, value, path + "/" + name, mutants);
                for (JsonNode other : others()) {
                    object.set(name, other);
                    mutants.add(new Mutant(path + "/" + name + " " + kind(other), whole.toString()));
                }
                object.remove(name);
                mutants.add(new Mutant(path + "/" + name + " absent", whole.toString()));
                object.set(name, value);
            }
        } else if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                JsonNode value = array.get(i);
                collect(whole, value, path + "/" + i, mutants);
                for (JsonNode other : others()) {
                    array.set(i, other);
                    mutants.add(new Mutant(path + "/" + i + " " + kind(other), whole.toString()));
                }
                array.set(i, value);
            }
        }
    }

    private static List<String> names(ObjectNode object) {
        List<String> names = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : object.properties()) {
            names.add(property.getKey());
        }
        return names;
    }

    private static List<JsonNode> others() throws JsonProcessingException {
        ContainerNode<?> values = (ContainerNode<?>) Schemas.MAPPER.readTree(
                "[null,true,0,-1,7,1.5,9223372036854775807,12345678901234567890,\"\",\"x\",\"r1\",\"0x1000\",\"0xZ\","
                        + "\"zero\",\"PROT_READ\",\"MAP_PRIVATE|MAP_FIXED\",\"mprotect\",\"r-x\",[],{},"
                        + "{\"result\":\"s1\"},{\"result\":1},[\"a\"]]");
        List<JsonNode> others = new ArrayList<>();
        values.forEach(others::add);
        return others;
    }

    private static String kind(JsonNode value) {
        return value.isTextual() ? "text" : value.getNodeType().name().toLowerCase(java.util.Locale.ROOT);
    }

    private static String reasonAgainst(String line) {
        try {
            SampleMessages.parse(line);
            return "";
        } catch (ProtocolException e) {
            return String.valueOf(e.getMessage());
        }
    }

    // ---- the closed lists

    static Stream<Arguments> enums() {
        return Stream.of(
                arguments("/purpose/enum", names(Purpose.values(), Purpose::wireName)),
                arguments("/targets/enum", names(Targets.values(), Targets::wireName)),
                arguments("/strategy/enum", names(StrategyName.values(), StrategyName::wireName)),
                arguments("/backing/enum", names(BackingName.values(), BackingName::wireName)),
                arguments("/backingChoice/enum", names(BackingChoice.values(), BackingChoice::wireName)),
                arguments("/method/enum", names(MethodName.values(), MethodName::wireName)),
                arguments("/methodChoice/enum", names(MethodChoice.values(), MethodChoice::wireName)),
                arguments("/advice/enum", names(Advice.values(), Advice::name)),
                arguments("/expectation/oneOf/0/enum", names(Expectation.Kind.values(), Expectation.Kind::wireName)),
                arguments("/call/properties/call/enum", names(SyscallName.values(), SyscallName::wireName)));
    }

    private static <E> List<String> names(E[] values, Function<E, String> name) {
        return Arrays.stream(values).map(name).toList();
    }

    @ParameterizedTest
    @MethodSource("enums")
    void theEnumsAreThoseOfTheCode(String place, List<String> names) {
        assertThat(DEFINITIONS.at(place)).extracting(JsonNode::asText).containsExactlyInAnyOrderElementsOf(names);
    }

    @Test
    void theTasksAreThoseOfTheCode() {
        List<String> tasks = new ArrayList<>(List.of("syscall"));
        tasks.addAll(names(HelperTask.values(), HelperTask::wireName));
        assertThat(Schemas.source("step").at("/properties/do/enum"))
                .extracting(JsonNode::asText)
                .isEqualTo(tasks);
    }

    static Stream<Arguments> flags() {
        return Stream.of(
                arguments("protFlags", names(ProtFlag.values(), ProtFlag::name)),
                arguments("mmapFlags", names(MmapFlag.values(), MmapFlag::name)),
                arguments("mremapFlags", names(MremapFlag.values(), MremapFlag::name)));
    }

    @ParameterizedTest
    @MethodSource("flags")
    void theFlagsAreThoseOfTheCode(String definition, List<String> names) {
        String one = "(" + String.join("|", names) + ")";
        assertThat(DEFINITIONS.path(definition).path("pattern").asText()).isEqualTo("^" + one + "(\\|" + one + ")*$");
    }

    @Test
    void theArgumentsOfEveryCallAreThoseOfTheCode() {
        Map<String, ArgumentKind> kinds = Map.of(
                "#/$defs/place", ArgumentKind.ADDRESS,
                "#/$defs/hex", ArgumentKind.LENGTH,
                "#/$defs/protFlags", ArgumentKind.PROTECTION,
                "#/$defs/mmapFlags", ArgumentKind.MMAP_FLAGS,
                "#/$defs/mremapFlags", ArgumentKind.MREMAP_FLAGS,
                "#/$defs/advice", ArgumentKind.ADVICE);
        List<String> calls = new ArrayList<>();
        for (JsonNode branch : DEFINITIONS.at("/call/oneOf")) {
            SyscallName name = SyscallName.named(
                            branch.at("/properties/call/const").asText())
                    .orElseThrow();
            calls.add(name.wireName());
            JsonNode args = branch.at("/properties/args");
            List<ArgumentKind> described = new ArrayList<>();
            for (JsonNode item : args.path("prefixItems")) {
                if (item.has("const")) {
                    described.add(item.path("const").asInt() == -1 ? ArgumentKind.DESCRIPTOR : ArgumentKind.OFFSET);
                } else {
                    described.add(
                            Objects.requireNonNull(kinds.get(item.path("$ref").asText())));
                }
            }
            assertThat(described).as(name.wireName()).isEqualTo(name.arguments());
            assertThat(args.path("minItems").asInt()).isEqualTo(name.arguments().size());
            assertThat(args.path("maxItems").asInt()).isEqualTo(name.arguments().size());
        }
        assertThat(calls).isEqualTo(names(SyscallName.values(), SyscallName::wireName));
    }

    @Test
    void theLimitsAreThoseOfTheCode() {
        assertThat(Schemas.source("plan").at("/properties/regions/maxItems").asInt())
                .isEqualTo(Plan.MAX_REGIONS);
        assertThat(Schemas.source("plan").at("/properties/version/const").asInt())
                .isEqualTo(Plan.VERSION);
        assertThat(Schemas.source("end").at("/properties/steps/maximum").asInt())
                .isEqualTo(Plan.MAX_STEPS);
        assertThat(Schemas.source("done")
                        .at("/oneOf/1/properties/errno/maximum")
                        .asInt())
                .isEqualTo(Errno.MAX);
    }
}
