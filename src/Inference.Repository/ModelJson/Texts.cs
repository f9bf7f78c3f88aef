using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Models.Settings.Versions;
using Inference.Repository.Layout;
using Inference.Repository.Trust;

namespace Inference.Repository.ModelJson;

/// <summary>A string with a defined form.</summary>
/// <param name="pattern">The form as a regular expression for the schema; empty for any string.</param>
/// <param name="parse">Returns null for a string that does not have the form.</param>
internal sealed class Text<T>(string expected, string pattern, Func<string, T?> parse) : TypedKind<T>(JsonTokenType.String)
    where T : class
{
    public override string Expected => expected;

    public override JsonObject ToSchema() =>
        pattern.Length == 0 ? new() { ["type"] = "string" } : new() { ["type"] = "string", ["pattern"] = $"^{pattern}$" };

    /// <param name="reportedValue">The value at which problems are reported. The text is the value or the key of the value.</param>
    public bool TryParse(string text, LocatedJson reportedValue, [NotNullWhen(true)] out T? result)
    {
        result = parse(text);
        if (result is null)
            reportedValue.AddProblem($"{ProblemText.Quote(text)} is not {expected}.");
        return result is not null;
    }

    protected override bool TryParse(LocatedJson value, [MaybeNullWhen(false)] out T result) => TryParse(value.Text, value, out result);
}

/// <summary>A version by its number, or by a label.</summary>
internal sealed class VersionReference : Kind<VersionRef>
{
    public override string Expected => "a version number or the name of a label";

    public override JsonObject ToSchema() =>
        new() { ["anyOf"] = new JsonArray(Texts.VersionNumber.ToSchema(), Texts.Label.ToSchema()) };

    public override bool TryRead(LocatedJson value, out VersionRef result)
    {
        result = default;
        if (value.Token == JsonTokenType.String && Texts.Label.TryParse(value.Text, value, out var label))
            result = new VersionRef(label);
        else if (value.Token == JsonTokenType.Number && Texts.VersionNumber.TryRead(value, out var number))
            result = new VersionRef(number);
        else if (value.Token is not JsonTokenType.String and not JsonTokenType.Number)
            value.AddTypeProblem(Expected);
        return result != default;
    }
}

/// <summary>The forms of strings that several keys share.</summary>
internal static partial class Texts
{
    private const string NamePattern = "[A-Za-z0-9][A-Za-z0-9._-]{0,127}";

    /// <summary>Letters, digits and hyphens: a safe subset of the characters that RFC 9110 allows in the name of a header.</summary>
    private const string HeaderPattern = "[A-Za-z0-9-]{1,64}";
    private const string HeaderValuePattern = "[ -~]{0,1024}";

    /// <summary>A URL to which a path can be appended, and which contains no user name or password.</summary>
    private const string UrlPattern = @"https?://[^\s/?#@]+(/[^\s?#]*)?";

    private const int MaxFileName = 255;

    /// <summary>A JSON pointer (RFC 6901).</summary>
    private const string PointerPattern = "(/([^~]|~[01])*)?";

    /// <summary>The pattern for <see cref="IsModelFile"/>, as far as a schema can express it.</summary>
    public const string ModelFilePattern = @"[^/\\:][^\\:]*\.[oO][nN][nN][xX]";

    /// <summary>Whether the text names an ONNX file that cannot be outside of the version's folder.</summary>
    public static bool IsModelFile(string text) =>
        ModelManifest.IsSafeRelativePath(text) && text.Length <= MaxFileName
            && text.EndsWith(OnnxFileName.Extension, StringComparison.OrdinalIgnoreCase);

    public static Number<long> VersionNumber { get; } = new(1, long.MaxValue);

    public static Text<string> Label { get; } = new(
        "a label: 1 to 128 of A-Z a-z 0-9 . _ - with a letter or digit first, and not digits only (a version number stands without quotes)",
        $"(?![0-9]+$){NamePattern}",
        text => VersionRef.IsLabel(text) ? text : null);

    public static Text<string> Header { get; } =
        new("the name of a header", HeaderPattern, text => HeaderSyntax().IsMatch(text) ? text : null);

    public static Text<string> HeaderValue { get; } =
        new("text of printable ASCII characters", HeaderValuePattern, text => HeaderValueSyntax().IsMatch(text) ? text : null);

    public static Text<Uri> Url { get; } = new(
        "an address such as \"http://models:8000\": http or https, without user, query and fragment",
        UrlPattern,
        text => UrlSyntax().IsMatch(text) && Uri.TryCreate(text, UriKind.Absolute, out var url) ? url : null);

    public static Text<string> Pointer { get; } =
        new("a JSON pointer such as \"/instances\"", PointerPattern, text => PointerSyntax().IsMatch(text) ? text : null);

    public static Text<string> Any(string expected) => new(expected, "", text => text);

    /// <summary>A name that may become part of a path, because it cannot lead out of its folder.</summary>
    public static Text<string> Name(string expected) => new(expected, NamePattern, text => SafeName.IsValid(text) ? text : null);

    [GeneratedRegex(@"\A" + HeaderPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderSyntax();

    [GeneratedRegex(@"\A" + HeaderValuePattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex HeaderValueSyntax();

    [GeneratedRegex(@"\A" + UrlPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex UrlSyntax();

    [GeneratedRegex(@"\A" + PointerPattern + @"\z", RegexOptions.CultureInvariant)]
    private static partial Regex PointerSyntax();
}
