using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Repository.ModelJson;

namespace Inference.Repository.Tests.ModelJson;

/// <summary>Writes the schema and the tables of keys from <see cref="ModelJsonKeys"/>, which the reader also uses.</summary>
internal static class ModelJsonPages
{
    private const int LineLength = 140;

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Returns the content of models/model.schema.json.</summary>
    public static string Schema()
    {
        var schema = ModelJsonKeys.Root.ToSchema();
        schema.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.Insert(1, "title", "model.json");
        schema.Insert(2, "description", "How one model is served. Every key is optional.");
        var text = new StringBuilder();
        Write(text, schema, indent: 0, used: 0);
        return text.Append('\n').ToString();
    }

    /// <summary>Returns the Markdown table of all keys in the given groups.</summary>
    public static string Table(IEnumerable<string> groups)
    {
        var text = new StringBuilder("| key | default | value | meaning |\n|---|---|---|---|\n");
        // An object may be the value of several keys. Its own keys are shown only at the first of them.
        var keys = groups.SelectMany(group =>
            ModelJsonKeys.Root.Keys.Where(key => key.Path.StartsWith($".{group}.", StringComparison.Ordinal)));
        foreach (var (path, key) in keys.DistinctBy(key => key.Key))
            text.Append($"| `{path[1..]}` | {key.Default} | {key.Kind.Expected} | {key.Description} |\n");
        return text.ToString();
    }

    /// <summary>Writes a value on one line if it fits or has only scalars. Otherwise each member has its own line.</summary>
    /// <param name="used">The number of characters before the value on its line, without the indentation.</param>
    private static void Write(StringBuilder text, JsonNode? node, int indent, int used)
    {
        var isFlat = node is null or JsonValue || (node is JsonArray array && array.All(item => item is JsonValue));
        if (isFlat || indent + used + OneLine(node).Length <= LineLength - 1)
        {
            text.Append(OneLine(node));
            return;
        }

        var members = node is JsonObject map
            ? map.Select(member => ($"\"{member.Key}\": ", member.Value)).ToList()
            : node!.AsArray().Select(item => ("", item)).ToList();
        text.Append(node is JsonObject ? "{\n" : "[\n");
        for (var i = 0; i < members.Count; i++)
        {
            var (name, value) = members[i];
            text.Append(' ', indent + 2).Append(name);
            Write(text, value, indent + 2, name.Length);
            text.Append(i < members.Count - 1 ? ",\n" : "\n");
        }

        text.Append(' ', indent).Append(node is JsonObject ? '}' : ']');
    }

    private static string OneLine(JsonNode? node) => node switch
    {
        JsonObject { Count: > 0 } map => $"{{ {string.Join(", ", map.Select(one => $"\"{one.Key}\": {OneLine(one.Value)}"))} }}",
        JsonArray items => $"[{string.Join(", ", items.Select(OneLine))}]",
        _ => node?.ToJsonString(Plain) ?? "null",
    };
}
