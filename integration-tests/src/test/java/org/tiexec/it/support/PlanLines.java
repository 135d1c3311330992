package org.tiexec.it.support;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;

/**
 * The JSON lines of a plan, each of which fits the published schema of its type.
 *
 * @param lines the parsed lines
 */
public record PlanLines(List<JsonNode> lines) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final SchemaRegistry SCHEMAS = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /** Parses a text; fails if a line does not fit. */
    public static PlanLines parse(String text) {
        return new PlanLines(text.lines().map(PlanLines::validated).toList());
    }

    private static JsonNode validated(String line) {
        try {
            JsonNode message = JSON.readTree(line);
            Schema schema = SCHEMAS.getSchema(SchemaLocation.of("classpath:org/tiexec/protocol/schema/"
                    + message.path("type").asText("missing") + ".schema.json"));
            assertThat(schema.validate(message)).as(line).isEmpty();
            return message;
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + line, e);
        }
    }

    /** The type of each line in order. */
    public List<String> types() {
        return lines.stream().map(line -> line.path("type").asText()).toList();
    }

    /** The first line. */
    public JsonNode header() {
        return lines.get(0);
    }

    /** How many kB the plan's regions have together. */
    public long regionKb() {
        long sum = 0;
        for (JsonNode region : header().path("regions")) {
            sum += Long.decode(region.path("length").asText()) >> 10;
        }
        return sum;
    }

    /** Fails unless this is a whole plan: a header, its steps, an end that counts them. */
    public void assertIsPlan() {
        assertThat(types()).hasSizeGreaterThan(2).startsWith("plan").endsWith("end");
        assertThat(types().subList(1, lines.size() - 1)).containsOnly("step");
        assertThat(lines.get(lines.size() - 1).path("steps").asInt()).isEqualTo(lines.size() - 2);
    }
}
