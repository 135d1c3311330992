package org.tiexec.protocol.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tiexec.protocol.memory.Address;

/**
 * One JSON object of a line, read field by field with an error that names the field.
 *
 * <p>Built on the streaming parser alone: data binding would cost a launch some 200 ms of class loading.
 */
final class JsonObject {
    private static final int MAX_DEPTH = 12;
    private static final int MAX_STRING = 1 << 16;
    private static final int MAX_NUMBER = 32;

    /** Stands for null within an array, where positions count; elsewhere a null is an absent field. */
    private static final Object NULL = new Object();

    static final JsonFactory FACTORY = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MAX_DEPTH)
                    .maxStringLength(MAX_STRING)
                    .maxNumberLength(MAX_NUMBER)
                    .build())
            .build();

    private final String line;
    private final String path;
    private final Map<String, Object> fields;

    private JsonObject(String line, String path, Map<String, Object> fields) {
        this.line = line;
        this.path = path;
        this.fields = fields;
    }

    /** Parses a line that must be one JSON object and nothing else. */
    static JsonObject parse(byte[] utf8) throws ProtocolException {
        String line = new String(utf8, StandardCharsets.UTF_8);
        try (JsonParser parser = FACTORY.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw new ProtocolException("not a JSON object: " + ProtocolException.beginning(line));
            }
            JsonObject object = new JsonObject(line, "", objectFields(parser));
            if (parser.nextToken() != null) {
                throw new ProtocolException("more than one JSON value: " + ProtocolException.beginning(line));
            }
            return object;
        } catch (IOException e) {
            throw new ProtocolException("not JSON: " + ProtocolException.beginning(line));
        }
    }

    private static Map<String, Object> objectFields(JsonParser parser) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            Object value = value(parser);
            if (value != null) {
                fields.put(name, value);
            }
        }
        return fields;
    }

    private static @Nullable Object value(JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> objectFields(parser);
            case START_ARRAY -> elements(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> wholeNumber(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            default -> null;
        };
    }

    private static List<Object> elements(JsonParser parser) throws IOException {
        List<Object> elements = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            Object element = value(parser);
            elements.add(element == null ? NULL : element);
        }
        return elements;
    }

    /** A Long, or a Double where the number is larger: no error yet, as the field may be one that is ignored. */
    private static Object wholeNumber(JsonParser parser) throws IOException {
        if (parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER) {
            return parser.getDoubleValue();
        }
        return parser.getLongValue();
    }

    String line() {
        return line;
    }

    ProtocolException wrong(String field, String reason) {
        return new ProtocolException(line, path + field, reason);
    }

    private <T> T get(String field, Class<T> type, String expected) throws ProtocolException {
        Object value = fields.get(field);
        if (value == null) {
            throw wrong(field, "missing");
        }
        if (!type.isInstance(value)) {
            throw wrong(field, "not " + expected);
        }
        return type.cast(value);
    }

    boolean has(String field) {
        return fields.containsKey(field);
    }

    boolean isText(String field) {
        return fields.get(field) instanceof String;
    }

    String text(String field) throws ProtocolException {
        return get(field, String.class, "a string");
    }

    boolean flag(String field) throws ProtocolException {
        return get(field, Boolean.class, "true or false");
    }

    long number(String field) throws ProtocolException {
        return get(field, Long.class, "a whole number");
    }

    /** A number of things: zero or more. */
    long count(String field) throws ProtocolException {
        long number = number(field);
        if (number < 0) {
            throw wrong(field, "out of range");
        }
        return number;
    }

    int smallNumber(String field) throws ProtocolException {
        long number = number(field);
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw wrong(field, "out of range");
        }
        return (int) number;
    }

    long hex(String field) throws ProtocolException {
        try {
            return Address.parseHex(text(field));
        } catch (NumberFormatException e) {
            throw wrong(field, "not a number of the form 0x…");
        }
    }

    Address address(String field) throws ProtocolException {
        return new Address(hex(field));
    }

    JsonObject object(String field) throws ProtocolException {
        return child(field, get(field, Map.class, "an object"));
    }

    List<JsonObject> objects(String field) throws ProtocolException {
        List<JsonObject> objects = new ArrayList<>();
        for (Object element : get(field, List.class, "an array")) {
            if (!(element instanceof Map<?, ?> map)) {
                throw wrong(field, "not an array of objects");
            }
            objects.add(child(field + "[" + objects.size() + "]", map));
        }
        return objects;
    }

    List<String> texts(String field) throws ProtocolException {
        List<String> texts = new ArrayList<>();
        for (Object element : get(field, List.class, "an array")) {
            if (!(element instanceof String text)) {
                throw wrong(field, "not an array of strings");
            }
            texts.add(text);
        }
        return texts;
    }

    /** The elements as String, Long, JsonObject, or something of no use. */
    List<Object> values(String field) throws ProtocolException {
        List<Object> values = new ArrayList<>();
        for (Object element : get(field, List.class, "an array")) {
            values.add(element instanceof Map<?, ?> map ? child(field + "[" + values.size() + "]", map) : element);
        }
        return values;
    }

    private JsonObject child(String field, Map<?, ?> map) {
        Map<String, Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            copy.put((String) entry.getKey(), entry.getValue());
        }
        return new JsonObject(line, path + field + ".", copy);
    }
}
