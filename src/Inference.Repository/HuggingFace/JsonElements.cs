using System.Text.Json;

namespace Inference.Repository.HuggingFace;

/// <summary>Reads members of objects that may lack them, or may have values of other types.</summary>
internal static class JsonElements
{
    /// <summary>The member; undefined when there is none, or when this is no object.</summary>
    public static JsonElement Get(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>The text of a member; null when it has none.</summary>
    public static string? GetText(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>The number of a member; null when it has none.</summary>
    public static double? GetNumber(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : null;

    /// <summary>The whole number of a member; null when it has none, or one that is not from 1 to 2^31 - 1.</summary>
    public static int? GetCount(this JsonElement element, string name) =>
        element.GetNumber(name) is { } number and >= 1 and <= int.MaxValue && number == Math.Floor(number) ? (int)number : null;

    /// <summary>The boolean of a member; null when it has none.</summary>
    public static bool? GetFlag(this JsonElement element, string name) => element.Get(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static IEnumerable<JsonElement> Items(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Array ? element.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Members(this JsonElement element) =>
        element.ValueKind == JsonValueKind.Object ? element.EnumerateObject() : [];
}
