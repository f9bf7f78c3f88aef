using System.Text.Json;
using Inference.Models.Settings;

namespace Inference.Repository.ModelJson;

/// <summary>A JSON value that knows where it stands, so that whatever is found wrong with it later can be told.</summary>
internal sealed class LocatedJson(JsonTokenType kind, LocatedJson? parent, string? key, int line, int column)
{
    private const int MaxQuotedKey = 64;

    private List<LocatedJson>? _children;


    /// <summary>The kind of value: the token that starts it.</summary>
    public JsonTokenType Kind { get; } = kind;

    /// <summary>The property's name; null in an array and for the document.</summary>
    public string? Key { get; } = key;

    public int Line { get; } = line;

    public int Column { get; } = column;

    /// <summary>A string's characters, or a number as it is written.</summary>
    public string Text { get; init; } = "";

    /// <summary>The values of an object or array, in order.</summary>
    public List<LocatedJson> Children => _children ??= [];

    /// <summary>The bytes of the value in its document.</summary>
    public Range Bytes { get; set; }

    public string Path
    {
        get
        {
            if (parent is null)
                return "$";
            if (Key is null)
                return $"{parent.Path}[{parent.Children.IndexOf(this)}]";
            var plain = Key.Length is > 0 and <= MaxQuotedKey && Key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '$');
            return plain ? $"{parent.Path}.{Key}" : $"{parent.Path}[{Wording.Quote(Key)}]";
        }
    }

    public LocatedJson? Find(string key) => _children?.Find(child => child.Key == key);
}
