using System.Text;
using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>A JSON value with its position in the file, so that problems are reported at that position.</summary>
internal sealed class LocatedJson(JsonTokenType token, LocatedJson? parent, string? key, ProblemList problems)
{
    private const int MaxPlainKeyLength = 64;

    private List<LocatedJson>? _children;

    /// <summary>The token that starts the value.</summary>
    public JsonTokenType Token { get; } = token;

    /// <summary>The property's name; null for items of an array and for the document.</summary>
    public string? Key { get; } = key;

    public int Line { get; init; }

    public int Column { get; init; }

    /// <summary>The characters of a string, or the text of a number.</summary>
    public string Text { get; init; } = "";

    /// <summary>The values of an object or array, in order.</summary>
    public List<LocatedJson> Children => _children ??= [];

    /// <summary>The bytes of the value in the document.</summary>
    public ReadOnlyMemory<byte> Bytes { get; set; }

    /// <summary>The text of the value in the document.</summary>
    public string Raw => Encoding.UTF8.GetString(Bytes.Span);

    /// <summary>The JSON of a string, number, boolean or null; empty for objects and arrays.</summary>
    public string Literal => Token switch
    {
        JsonTokenType.String => $"\"{Text}\"",
        JsonTokenType.StartObject or JsonTokenType.StartArray => "",
        _ => Raw,
    };

    public string Path
    {
        get
        {
            if (parent is null)
                return "$";
            if (Key is null)
                return $"{parent.Path}[{parent.Children.IndexOf(this)}]";
            var isPlain = Key.Length is > 0 and <= MaxPlainKeyLength
                && Key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '$');
            return isPlain ? $"{parent.Path}.{Key}" : $"{parent.Path}[{ProblemText.Quote(Key)}]";
        }
    }

    public LocatedJson? Find(string key) => _children?.Find(child => child.Key == key);

    /// <summary>Returns the value at a path, or the last existing value on the path. The missing part may come from another file.</summary>
    public LocatedJson FindNearest(IEnumerable<string> path)
    {
        var value = this;
        foreach (var key in path)
        {
            if (value.Find(key) is not { } child)
                break;
            value = child;
        }

        return value;
    }

    /// <summary>Reports a problem with the value.</summary>
    public void AddProblem(string message)
    {
        // Finding a path takes long in large arrays, and a full list discards the path.
        problems.Add(Line, Column, problems.IsFull ? "" : Path, message);
    }

    /// <summary>Reports that the value has the wrong type.</summary>
    public void AddTypeProblem(string expected) => AddProblem($"This is {Describe(Token)}; {expected} is expected.");

    /// <summary>Reports a string or number of the right type with a value that is not accepted.</summary>
    public void AddValueProblem(string expected, string hint = "")
    {
        var quoted = ProblemText.Quote(Text);
        AddProblem($"{(Token == JsonTokenType.Number ? quoted.Trim('"') : quoted)} is given; {expected} is expected.{hint}");
    }

    private static string Describe(JsonTokenType token) => token switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "an array",
        JsonTokenType.String => "a string",
        JsonTokenType.Number => "a number",
        JsonTokenType.True or JsonTokenType.False => "a boolean",
        JsonTokenType.Null => "null",
        _ => throw new InvalidOperationException($"{token} starts no JSON value. This is a bug."),
    };
}
