using System.Globalization;
using System.Text.Json;

namespace Inference.Text.Reading;

/// <summary>A part of tokenizer.json with its path, which error messages contain.</summary>
internal readonly struct JsonPart(JsonElement element, string path)
{
    public JsonElement Element { get; } = element;

    /// <summary>The path from the root of the file, such as <c>model.vocab</c>; empty for the root.</summary>
    public string Path { get; } = path;

    /// <summary>Whether the part is missing or a JSON null.</summary>
    public bool IsNull => Element.ValueKind is JsonValueKind.Null or JsonValueKind.Undefined;

    /// <summary>The type of a component.</summary>
    public string Type => Property("type").AsString();

    /// <summary>Returns a property. For a missing property, <see cref="IsNull"/> of the result is true.</summary>
    /// <exception cref="TokenizerException">The part is not an object.</exception>
    public JsonPart Property(string name)
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw TypeError("an object");
        return new JsonPart(Element.TryGetProperty(name, out var value) ? value : default, Join(Path, name));
    }

    /// <summary>Returns the elements of an array.</summary>
    /// <exception cref="TokenizerException">The part is not an array.</exception>
    public IEnumerable<JsonPart> Items()
    {
        if (Element.ValueKind != JsonValueKind.Array)
            throw TypeError("an array");
        var path = Path;
        return Element.EnumerateArray().Select(
            (item, index) => new JsonPart(item, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]")));
    }

    /// <summary>Reads the components of a list.</summary>
    /// <param name="read">Reads a component. It returns null for a JSON null, which a list must not contain.</param>
    public T[] ReadAll<T>(string name, Func<JsonPart, T?> read)
        where T : class =>
        [.. Property(name).Items().Select(item => read(item) ?? throw item.TypeError("an object"))];

    public IEnumerable<(string Name, JsonPart Value)> Properties()
    {
        if (Element.ValueKind != JsonValueKind.Object)
            throw TypeError("an object");
        var path = Path;
        return Element.EnumerateObject().Select(
            property => (property.Name, new JsonPart(property.Value, Join(path, Quote.Shorten(property.Name)))));
    }

    public string AsString() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw TypeError("a string");

    public int AsInt32() =>
        Element.ValueKind == JsonValueKind.Number && Element.TryGetInt32(out var value) ? value : throw TypeError("a whole number");

    /// <summary>Reads a number that is not negative, such as an id.</summary>
    public int AsId() => AsInt32() is >= 0 and var id ? id : throw TypeError("a whole number from 0");

    public bool AsBoolean() => Element.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => throw TypeError("true or false"),
    };

    /// <summary>Reads a property; returns the default value when the property is missing or null.</summary>
    public string StringOr(string name, string defaultValue) => Property(name) is { IsNull: false } value ? value.AsString() : defaultValue;

    public bool BooleanOr(string name, bool defaultValue) => Property(name) is { IsNull: false } value ? value.AsBoolean() : defaultValue;

    public int IdOr(string name, int defaultValue) => Property(name) is { IsNull: false } value ? value.AsId() : defaultValue;

    /// <summary>Creates the error for a part that is missing or has a wrong value.</summary>
    /// <param name="expected">The expected value, as a noun.</param>
    public TokenizerException TypeError(string expected) =>
        Error($"is {(Element.ValueKind == JsonValueKind.Undefined ? "missing" : "not valid")}; expected {expected}");

    /// <summary>Creates the error for a component of an unsupported type.</summary>
    public TokenizerException UnsupportedError(string kind, string type) =>
        Error($"is \"{Quote.Shorten(type)}\", which is not supported as a {kind}");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";

    /// <param name="problem">The text after the path.</param>
    public TokenizerException Error(string problem, Exception? cause = null) =>
        new($"\"{(Path.Length == 0 ? "$" : Path)}\" {problem}.", cause!);
}
