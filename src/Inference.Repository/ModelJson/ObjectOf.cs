using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>A key of <c>model.json</c> for the schema and the docs.</summary>
/// <param name="Default">
/// The default of a missing key: JSON in backticks, words, or <see cref="Required"/>. Empty for an object whose keys have defaults.
/// </param>
internal sealed record Key(string Name, Kind Kind, string Default, string Description)
{
    public const string Required = "required";

    public bool IsRequired => Default == Required;

    /// <summary>The default as JSON; null when <see cref="Default"/> describes the default in words.</summary>
    public JsonNode? DefaultValue => Default is ['`', .. var json, '`'] ? JsonNode.Parse(json) : null;

    public JsonObject ToSchema()
    {
        var words = IsRequired ? " Required." : $" Default: {Default.Trim('`')}.";
        var schema = Kind.ToSchema();
        schema.Insert(0, "description", Default.Length == 0 ? Description : $"{Description} Value: {Kind.Expected}.{words}");
        if (DefaultValue is { } value)
            schema.Insert(1, "default", value);
        return schema;
    }
}

/// <summary>An object with known keys. A given object replaces the default object: every missing key has its own default.</summary>
/// <param name="empty">The value of an object without keys.</param>
/// <param name="takesOneKey">Whether exactly one of the keys must be present.</param>
/// <param name="rules">The JSON Schema for the keys that <see cref="Contradictions"/> does not allow together.</param>
internal sealed class ObjectOf<T>(T empty, string expected = "an object", bool takesOneKey = false, string rules = "{}")
    : Kind<T>, IEnumerable<Key>
{
    private readonly List<(Key Key, Func<LocatedJson, T, T> Read)> _keys = [];

    public override string Expected => expected;

    public override IEnumerable<(string Path, Key Key)> Keys => this.SelectMany(key =>
        key.Kind.Keys.Prepend((Path: "", Key: key)).Select(inner => ($".{key.Name}{inner.Path}", inner.Key)));

    /// <param name="defaultText">The default, in the form of <see cref="Key"/>.</param>
    /// <param name="set">Returns the object with the value.</param>
    public void Add<TValue>(string name, Kind<TValue> kind, string defaultText, Func<T, TValue, T> set, string meaning) =>
        _keys.Add((new Key(name, kind, defaultText, meaning), (value, to) => kind.TryRead(value, out var read) ? set(to, read) : to));

    /// <summary>Adds a key with an object. If the key already has a value, the object's keys override the keys of that value.</summary>
    /// <param name="defaultText">The default, in the form of <see cref="Key"/>.</param>
    /// <param name="get">Returns the existing value; null when there is none.</param>
    /// <param name="set">Returns the object with the value.</param>
    public void Add<TValue>(
        string name, ObjectOf<TValue?> kind, string defaultText, Func<T, TValue?> get, Func<T, TValue?, T> set, string meaning)
        where TValue : class =>
        _keys.Add((new Key(name, kind, defaultText, meaning), (value, to) =>
            (get(to) is { } existing ? kind.TryRead(value, existing, out var read) : kind.TryRead(value, out read)) ? set(to, read) : to));

    public override JsonObject ToSchema()
    {
        var schema = new JsonObject { ["type"] = "object", ["additionalProperties"] = false };
        var required = this.Where(key => key.IsRequired).Select(key => (JsonNode)key.Name).ToArray();
        if (required.Length > 0)
            schema["required"] = new JsonArray(required);
        if (takesOneKey)
            (schema["minProperties"], schema["maxProperties"]) = (1, 1);
        schema["properties"] = new JsonObject(this.Select(key => KeyValuePair.Create(key.Name, (JsonNode?)key.ToSchema())));
        foreach (var rule in JsonNode.Parse(rules)!.AsObject())
            schema[rule.Key] = rule.Value!.DeepClone();
        return schema;
    }

    public override bool TryRead(LocatedJson value, [MaybeNullWhen(false)] out T result) => TryRead(value, empty, out result);

    /// <param name="defaults">The value with the defaults of missing keys.</param>
    public bool TryRead(LocatedJson value, T defaults, [MaybeNullWhen(false)] out T result)
    {
        result = defaults;
        if (value.Token != JsonTokenType.StartObject)
        {
            value.AddTypeProblem(expected);
            return false;
        }

        string[] known = [.. this.Select(key => key.Name)];
        foreach (var child in value.Children.Where(child => !known.Contains(child.Key)))
            child.AddProblem($"This key is not known.{ProblemText.Suggest(child.Key!, known)}");
        var count = 0;
        foreach (var (key, read) in _keys)
        {
            if (value.Find(key.Name) is { } child)
                (result, count) = (read(child, result), count + 1);
            else if (key.IsRequired && EqualityComparer<T>.Default.Equals(defaults, empty))
                value.AddProblem($"\"{key.Name}\" is missing.");
        }

        if (takesOneKey && count != 1)
            value.AddProblem($"This needs exactly one known key; {expected} is expected.");
        return true;
    }

    public IEnumerator<Key> GetEnumerator() => _keys.Select(entry => entry.Key).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
