package org.tiexec.protocol.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The JSON Schemas that the module ships, ready for use. */
final class Schemas {
    static final List<String> TYPES = List.of(
            "hello", "start", "declined", "plan", "step", "end", "do", "done", "digest", "digested", "undigested");

    static final ObjectMapper MAPPER = new ObjectMapper();

    private static final String DIRECTORY = "/org/tiexec/protocol/schema/";
    private static final String META_SCHEMA = "https://json-schema.org/draft/2020-12/schema";

    private final SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    private final Map<String, Schema> schemas = new HashMap<>();

    /** What is wrong with a line by the schema of {@code type}; empty if nothing is. */
    List<String> errors(String type, String line) {
        return messages(schema("classpath:" + DIRECTORY.substring(1) + type + ".schema.json"), line);
    }

    /** What is wrong with a schema by the schema of schemas. */
    List<String> errorsOfSchema(String name) {
        return messages(schema(META_SCHEMA), source(name).toString());
    }

    private Schema schema(String location) {
        return schemas.computeIfAbsent(location, key -> registry.getSchema(SchemaLocation.of(key)));
    }

    private static List<String> messages(Schema schema, String line) {
        return schema.validate(line, InputFormat.JSON).stream()
                .map(error -> error.getInstanceLocation() + ": " + error.getMessage())
                .toList();
    }

    /** The schema file itself. */
    static JsonNode source(String name) {
        String path = DIRECTORY + name + ".schema.json";
        try (InputStream in = Objects.requireNonNull(Schemas.class.getResourceAsStream(path), path)) {
            return MAPPER.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
