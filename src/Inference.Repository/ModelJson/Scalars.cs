using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>A number in a range; a whole number unless the type is <see cref="float"/>.</summary>
/// <param name="alternatives">The other accepted values, for messages.</param>
internal sealed class Number<T>(decimal min, decimal max, string alternatives = "") : TypedKind<T>(JsonTokenType.Number)
    where T : struct, INumber<T>
{
    private static readonly bool IsWhole = default(T) is not float;

    public override string Expected => string.Create(
        CultureInfo.InvariantCulture,
        $"{alternatives}a {(IsWhole ? "whole " : "")}number from {min}{(max == long.MaxValue ? "" : $" to {max}")}");

    public override JsonObject ToSchema() => new() { ["type"] = IsWhole ? "integer" : "number", ["minimum"] = min, ["maximum"] = max };

    protected override bool TryParse(LocatedJson value, out T result)
    {
        // In JSON and its schemas, 2.0 and 2e3 are whole numbers too.
        var isAccepted = decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max && (!IsWhole || decimal.IsInteger(number));
        if (!isAccepted)
            value.AddValueProblem(Expected);
        result = isAccepted ? T.CreateChecked(number) : default;
        return isAccepted;
    }
}

/// <summary>A duration in the format of <see cref="TimeSpan"/>, with hours up to 23.</summary>
internal sealed partial class Duration(TimeSpan min, TimeSpan max) : TypedKind<TimeSpan>(JsonTokenType.String)
{
    private const string Pattern = @"([0-9]{1,3}\.)?([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,7})?";

    public override string Expected => $"a duration from \"{Write(min)}\" to \"{Write(max)}\"";

    protected override string Form => "a duration such as \"00:00:00.005\" (hours:minutes:seconds)";

    public override JsonObject ToSchema() => new() { ["type"] = "string", ["pattern"] = $"^{Pattern}$" };

    protected override bool TryParse(LocatedJson value, out TimeSpan result)
    {
        result = default;
        if (!Syntax().IsMatch(value.Text) || !TimeSpan.TryParse(value.Text, CultureInfo.InvariantCulture, out result))
            value.AddProblem($"{ProblemText.Quote(value.Text)} is not {Form}.");
        else if (result < min || result > max)
            value.AddValueProblem(Expected);
        else
            return true;
        return false;
    }

    private static string Write(TimeSpan time) => time.Ticks % TimeSpan.TicksPerSecond == 0 ? $"{time:c}" : $"{time:c}".TrimEnd('0');

    [GeneratedRegex(@"\A" + Pattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex Syntax();
}

/// <summary>An object with any keys, which is kept unparsed.</summary>
internal sealed class AnyObject(string expected) : TypedKind<LocatedJson>(JsonTokenType.StartObject)
{
    public override string Expected => expected;

    public override JsonObject ToSchema() => new() { ["type"] = "object" };

    protected override bool TryParse(LocatedJson value, out LocatedJson result)
    {
        result = value;
        return true;
    }
}

/// <summary>One of a few values, or a value of another kind.</summary>
/// <param name="choices">The values in JSON, each with its meaning.</param>
internal sealed class OneOf<T>(params (string Json, T Value)[] choices) : Kind<T>
{
    public override string Expected => Or?.Expected
        ?? $"{string.Join(", ", choices[..^1].Select(choice => choice.Json))} or {choices[^1].Json}";

    public override IEnumerable<(string Path, Key Key)> Keys => Or?.Keys ?? [];

    /// <summary>The kind of the other valid values, if any. Its <see cref="Kind.Expected"/> also lists the choices.</summary>
    public Kind<T>? Or { get; init; }

    public override JsonObject ToSchema()
    {
        var schema = new JsonObject { ["enum"] = new JsonArray([.. choices.Select(choice => JsonNode.Parse(choice.Json))]) };
        return Or is null ? schema : new JsonObject { ["anyOf"] = new JsonArray(schema, Or.ToSchema()) };
    }

    public override bool TryRead(LocatedJson value, [MaybeNullWhen(false)] out T result)
    {
        var index = Array.FindIndex(choices, choice => choice.Json == value.Literal);
        if (index >= 0)
        {
            result = choices[index].Value;
            return true;
        }

        result = default;
        if (Or is not null)
            return Or.TryRead(value, out result);
        if (value.Token == JsonTokenType.String && choices[0].Json.StartsWith('"'))
            value.AddValueProblem(Expected, ProblemText.SuggestSimilar(value.Text, [.. choices.Select(choice => choice.Json.Trim('"'))]));
        else
            value.AddTypeProblem(Expected);
        return false;
    }
}
