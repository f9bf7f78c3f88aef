using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>Reads the kinds of values that settings have. What does not fit is a problem, and null.</summary>
internal sealed partial class SettingsValues(ProblemList problems)
{
    /// <summary>A duration as the schema has it: what <see cref="TimeSpan"/> writes, and hours never above 23.</summary>
    public const string DurationPattern = @"([0-9]{1,3}\.)?([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?";

    /// <summary>The range of numbers that are not whole: far beyond use on either side, and far from a float's.</summary>
    public const float Least = 1e-9f;
    public const float Most = 1e9f;

    public void Refuse(LocatedJson value, string message) => problems.Add(value.Line, value.Column, value.Path, message);

    /// <summary>Whether it is an object; keys that are not known are problems, but the known ones can be read all the same.</summary>
    public bool IsObject(LocatedJson value, string[] keys)
    {
        if (value.Kind != JsonTokenType.StartObject)
        {
            Unexpected(value, "an object");
            return false;
        }

        foreach (var child in value.Children.Where(child => !keys.Contains(child.Key)))
            Refuse(child, $"This key is not known.{Wording.Suggest(child.Key!, keys)}");
        return true;
    }

    /// <summary>The value of a key that has to be there.</summary>
    public LocatedJson? Required(LocatedJson value, string key)
    {
        var found = value.Find(key);
        if (found is null)
            Refuse(value, $"\"{key}\" is missing.");
        return found;
    }

    /// <param name="orElse">What else is taken, for the message.</param>
    public long? Integer(LocatedJson? value, long min, long max, string orElse = "")
    {
        if (value is null)
            return null;
        // 2.0 and 2e3 are whole numbers too, for JSON and for its schemas.
        if (value.Kind == JsonTokenType.Number
            && decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max && decimal.IsInteger(number))
        {
            return (long)number;
        }

        var range = orElse + (max == long.MaxValue ? $"a whole number from {min}" : $"a whole number from {min} to {max}");
        if (value.Kind == JsonTokenType.Number)
            Refuse(value, $"{Wording.Quote(value.Text).Trim('"')} is given; {range} is expected.");
        else
            Unexpected(value, range);
        return null;
    }

    public float? Number(LocatedJson? value, float min, float max)
    {
        if (value is null)
            return null;
        var range = string.Create(CultureInfo.InvariantCulture, $"a number from {min} to {max}");
        if (value.Kind != JsonTokenType.Number)
            Unexpected(value, range);
        else if (double.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
            return (float)number;
        else
            Refuse(value, $"{Wording.Quote(value.Text).Trim('"')} is given; {range} is expected.");
        return null;
    }

    /// <summary>One of a few names; the first, when there is none or another.</summary>
    public T OneOf<T>(LocatedJson? value, params ReadOnlySpan<(string Name, T Value)> choices)
    {
        var names = new List<string>();
        foreach (var choice in choices)
            names.Add(choice.Name);
        var expected = string.Join(" or ", names.Select(name => $"\"{name}\""));
        if (String(value, expected) is not { } text)
            return choices[0].Value;
        if (names.IndexOf(text) is var index and >= 0)
            return choices[index].Value;
        Refuse(value!, $"{Wording.Quote(text)} is given; {expected} is expected.");
        return choices[0].Value;
    }

    public bool Boolean(LocatedJson? value)
    {
        if (value is not null and not { Kind: JsonTokenType.True or JsonTokenType.False })
            Unexpected(value, "true or false");
        return value?.Kind == JsonTokenType.True;
    }

    public string? String(LocatedJson? value, string expected)
    {
        if (value is null or { Kind: JsonTokenType.String })
            return value?.Text;
        Unexpected(value, expected);
        return null;
    }

    public TimeSpan? Duration(LocatedJson? value, TimeSpan min, TimeSpan max)
    {
        const string Form = "a duration such as \"00:00:00.005\" (hours:minutes:seconds)";
        if (String(value, Form) is not { } text)
            return null;
        if (!DurationRegex().IsMatch(text) || !TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var duration))
            Refuse(value!, $"{Wording.Quote(text)} is not {Form}.");
        else if (duration < min || duration > max)
            Refuse(value!, $"{Wording.Quote(text)} is given; a duration from \"{min:c}\" to \"{max:c}\" is expected.");
        else
            return duration;
        return null;
    }

    /// <summary>The items of an array; none when there is no array, and an array without items is refused.</summary>
    public IReadOnlyList<LocatedJson> Items(LocatedJson? value, string expected)
    {
        if (value is null)
            return [];
        if (value is { Kind: JsonTokenType.StartArray, Children.Count: > 0 })
            return value.Children;
        if (value.Kind == JsonTokenType.StartArray)
            Refuse(value, $"This is empty; {expected} is expected.");
        else
            Unexpected(value, expected);
        return [];
    }

    /// <summary>An array of whole numbers from 1, each once, in ascending order.</summary>
    public ImmutableArray<long> DistinctIntegers(LocatedJson? value, string expected, long max)
    {
        var numbers = new SortedSet<long>();
        foreach (var item in Items(value, expected))
        {
            if (Integer(item, 1, max) is { } number && !numbers.Add(number))
                Refuse(item, $"{number} is given twice.");
        }

        return [.. numbers];
    }

    public void Unexpected(LocatedJson value, string expected) => Refuse(value, $"This is {Describe(value.Kind)}; {expected} is expected.");

    private static string Describe(JsonTokenType kind) => kind switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => throw new InvalidOperationException($"{kind} starts no JSON value. This is a bug."),
    };

    [GeneratedRegex(@"\A" + DurationPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex DurationRegex();
}
