package org.tiexec.it.bench;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A JSON value in memory, read with the streaming parser that tracer and helper bring along.
 *
 * @param value a map, a list or a string; numbers are strings, too
 */
record JsonTree(Object value) {
    static JsonTree parse(Path file) throws IOException {
        try (JsonParser parser = new JsonFactory().createParser(file.toFile())) {
            parser.nextToken();
            return read(parser);
        }
    }

    private static JsonTree read(JsonParser parser) throws IOException {
        if (parser.currentToken() == JsonToken.START_OBJECT) {
            Map<String, JsonTree> fields = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String name = parser.currentName();
                parser.nextToken();
                fields.put(name, read(parser));
            }
            return new JsonTree(fields);
        }
        if (parser.currentToken() == JsonToken.START_ARRAY) {
            List<JsonTree> items = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                items.add(read(parser));
            }
            return new JsonTree(items);
        }
        return new JsonTree(String.valueOf(parser.getText()));
    }

    /** The field of an object; an empty text if there is none. */
    JsonTree tree(String field) {
        Object found = value instanceof Map<?, ?> fields ? fields.get(field) : null;
        return found instanceof JsonTree tree ? tree : new JsonTree("");
    }

    /** The items of a field; none if it is no list. */
    List<JsonTree> list(String field) {
        List<JsonTree> items = new ArrayList<>();
        if (tree(field).value instanceof List<?> list) {
            for (Object item : list) {
                if (item instanceof JsonTree tree) {
                    items.add(tree);
                }
            }
        }
        return items;
    }

    String text(String field) {
        return tree(field).value.toString();
    }

    double number(String field) {
        return Double.parseDouble(text(field));
    }
}
