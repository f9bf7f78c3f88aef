using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace Inference.Remote.Json;

/// <summary>A position in a JSON document (RFC 6901).</summary>
internal sealed class JsonPointer
{
    private JsonPointer(ImmutableArray<string> steps) => Steps = steps;

    /// <summary>The names and indexes from the root to the value; empty for the whole document.</summary>
    public ImmutableArray<string> Steps { get; }

    /// <param name="text">The pointer. Its syntax was checked when the settings were read.</param>
    public static JsonPointer Parse(string text) =>
        new([.. text.Split('/')
            .Skip(1).Select(step => step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))]);

    public static JsonPointer Create(params ImmutableArray<string> steps) => new(steps);

    /// <summary>Parses a step as an array index. Returns -1 for a step that is not an index.</summary>
    public static int ToIndex(string step) =>
        int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (step.Length == 1 || step[0] != '0')
            ? index
            : -1;

    /// <summary>
    /// Moves a reader from the start of the document to the first token of the value. Returns false when there is no value.
    /// </summary>
    /// <exception cref="JsonException">The JSON is malformed.</exception>
    public bool TryMoveTo(ref Utf8JsonReader reader)
    {
        reader.Read();
        foreach (var step in Steps)
        {
            var isFound = reader.TokenType switch
            {
                JsonTokenType.StartObject => TryMoveToMember(ref reader, step),
                JsonTokenType.StartArray => TryMoveToItem(ref reader, ToIndex(step)),
                _ => false,
            };
            if (!isFound)
                return false;
        }

        return true;
    }

    /// <summary>Returns the pointer, or "the body" for the whole document.</summary>
    public string Describe() => Steps.IsEmpty ? "the body" : string.Concat(Steps.Select(step => "/" + step));

    private static bool TryMoveToMember(ref Utf8JsonReader reader, string name)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isMatch = reader.ValueTextEquals(name);
            reader.Read();
            if (isMatch)
                return true;
            reader.Skip();
        }

        return false;
    }

    private static bool TryMoveToItem(ref Utf8JsonReader reader, int index)
    {
        while (index >= 0 && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (index-- == 0)
                return true;
            reader.Skip();
        }

        return false;
    }
}
