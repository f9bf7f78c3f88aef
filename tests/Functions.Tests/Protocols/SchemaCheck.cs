using System.Text.Json;

namespace Functions.Tests.Protocols;

/// <summary>Compares a value with a schema of the OpenAPI document: its types, required members and unknown members.</summary>
internal static class SchemaCheck
{
    /// <returns>A line for each difference.</returns>
    public static IEnumerable<string> Find(JsonElement value, JsonElement schema, JsonElement schemas, string path)
    {
        while (schema.TryGetProperty("$ref", out var reference))
            schema = schemas.GetProperty(reference.GetString()!.Split('/')[^1]);
        if (schema.TryGetProperty("anyOf", out var choices) || schema.TryGetProperty("oneOf", out choices))
        {
            return choices.EnumerateArray().Any(choice => !Find(value, choice, schemas, path).Any())
                ? []
                : [$"{path}: {value} is none of {choices}"];
        }

        if (!schema.TryGetProperty("type", out var type))
            return [];
        if (value.ValueKind == JsonValueKind.Null && schema.TryGetProperty("nullable", out var nullable) && nullable.GetBoolean())
            return [];
        return (type.GetString(), value.ValueKind) switch
        {
            ("object", JsonValueKind.Object) => OfObject(value, schema, schemas, path),
            ("array", JsonValueKind.Array) => value.EnumerateArray().SelectMany((item, i) =>
                Find(item, schema.GetProperty("items"), schemas, $"{path}[{i}]")),
            ("string", JsonValueKind.String) when !IsUnknown(value, schema) => [],
            ("integer" or "number", JsonValueKind.Number) => [],
            ("boolean", JsonValueKind.True or JsonValueKind.False) => [],
            _ => [$"{path}: {value} is not {schema}"],
        };
    }

    private static bool IsUnknown(JsonElement value, JsonElement schema) =>
        schema.TryGetProperty("enum", out var known) && known.EnumerateArray().All(one => one.GetString() != value.GetString());

    private static IEnumerable<string> OfObject(JsonElement value, JsonElement schema, JsonElement schemas, string path)
    {
        if (schema.TryGetProperty("required", out var required))
        {
            foreach (var name in required.EnumerateArray().Where(name => !value.TryGetProperty(name.GetString()!, out _)))
                yield return $"{path} has no {name}";
        }

        var isOpen = schema.TryGetProperty("additionalProperties", out var additional);
        foreach (var member in value.EnumerateObject())
        {
            JsonElement part = default;
            if (!(schema.TryGetProperty("properties", out var properties) && properties.TryGetProperty(member.Name, out part)))
                part = isOpen && additional.ValueKind == JsonValueKind.Object ? additional : default;
            if (part.ValueKind == JsonValueKind.Object)
            {
                foreach (var difference in Find(member.Value, part, schemas, $"{path}.{member.Name}"))
                    yield return difference;
            }
            else if (!isOpen && schema.TryGetProperty("properties", out _))
            {
                yield return $"{path} has {member.Name}, which the schema does not have";
            }
        }
    }
}
