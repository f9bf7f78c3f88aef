using System.Text.Json;

namespace Inference.Repository.HuggingFace;

/// <summary>Reads the members of JSON objects. A member may be missing, or may have a value of another type.</summary>
internal static class JsonElements
{
    /// <summary>Returns the member; undefined when it is missing, or when the element is not an object.</summary>
    public static JsonElement Get(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value : default;

    /// <summary>Returns the text of a member; null when it is not a text.</summary>
    public static string? GetText(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.String } text ? text.GetString() : null;

    /// <summary>Returns the number of a member; null when it is not a number.</summary>
    public static double? GetNumber(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var value) ? value : null;

    /// <summary>Returns the whole number of a member; null when it is not a whole number from 1 to 2^31 - 1.</summary>
    public static int? GetCount(this JsonElement element, string name) =>
        element.GetNumber(name) is { } number and >= 1 and <= int.MaxValue && number == Math.Floor(number) ? (int)number : null;

    /// <summary>Returns the boolean of a member; null when it is not a boolean.</summary>
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
