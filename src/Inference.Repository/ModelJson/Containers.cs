using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Inference.Repository.ModelJson;

/// <summary>An array of items of one kind.</summary>
/// <param name="min">The minimum number of items.</param>
/// <param name="max">The maximum number of items.</param>
internal sealed class ArrayOf<T>(string expected, Kind<T> item, int min = 1, int max = int.MaxValue)
    : TypedKind<ImmutableArray<T>>(JsonTokenType.StartArray)
{
    public override string Expected => expected;

    public override IEnumerable<(string Path, Key Key)> Keys => item.Keys.Select(inner => ($"[]{inner.Path}", inner.Key));

    /// <summary>
    /// The function that returns the text by which items are compared. Problems quote this text. Null when equal items are allowed.
    /// </summary>
    public Func<T, string>? Identity { get; init; }

    public override JsonObject ToSchema()
    {
        var schema = new JsonObject { ["type"] = "array", ["items"] = item.ToSchema(), ["minItems"] = min };
        if (max < int.MaxValue)
            schema["maxItems"] = max;
        if (Identity is not null)
            schema["uniqueItems"] = true;
        return schema;
    }

    protected override bool TryParse(LocatedJson value, out ImmutableArray<T> result)
    {
        var count = value.Children.Count;
        if (count < min || count > max)
            value.AddProblem($"{(count == 0 ? "This is empty" : $"This has {Counted.Text(count, "item")}")}; {expected} is expected.");
        var items = ImmutableArray.CreateBuilder<T>();
        var identities = new HashSet<string>(StringComparer.Ordinal);
        foreach (var child in value.Children)
        {
            if (!item.TryRead(child, out var read))
                continue;
            items.Add(read);
            if (Identity?.Invoke(read) is { } identity && !identities.Add(identity))
                child.AddProblem($"{identity} is given twice.");
        }

        result = items.ToImmutable();
        return true;
    }
}

/// <summary>A number, or an array of numbers. A number alone means the same as an array with that number.</summary>
internal sealed class NumberOrArray(string expected, Number<float> item, int max) : Kind<ImmutableArray<float>>
{
    private readonly ArrayOf<float> _array = new(expected, item, max: max);

    public override string Expected => expected;

    public override JsonObject ToSchema() => new() { ["anyOf"] = new JsonArray(item.ToSchema(), _array.ToSchema()) };

    public override bool TryRead(LocatedJson value, out ImmutableArray<float> result)
    {
        if (value.Token != JsonTokenType.Number)
            return _array.TryRead(value, out result);
        var isRead = item.TryRead(value, out var number);
        result = [number];
        return isRead;
    }
}

/// <summary>An object with names that the user chooses, and values of one kind.</summary>
internal sealed class MapOf<T>(string expected, Text<string> name, Kind<T> item, StringComparer comparer)
    : TypedKind<ImmutableSortedDictionary<string, T>>(JsonTokenType.StartObject)
{
    public override string Expected => expected;

    public override JsonObject ToSchema() =>
        new() { ["type"] = "object", ["propertyNames"] = name.ToSchema(), ["additionalProperties"] = item.ToSchema() };

    protected override bool TryParse(LocatedJson value, out ImmutableSortedDictionary<string, T> result)
    {
        var values = ImmutableSortedDictionary.CreateBuilder<string, T>(comparer);
        foreach (var child in value.Children)
        {
            if (name.TryParse(child.Key!, child, out var key) && item.TryRead(child, out var read))
                values[key] = read;
        }

        result = values.ToImmutable();
        return true;
    }
}
