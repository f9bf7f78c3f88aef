using System.Text.Json;
using System.Text.RegularExpressions;

namespace Inference.Protocols.Text;

/// <summary>The files of byte-level byte-pair encoding as GPT-2 published them. The library's own reader of them needs reflection.</summary>
internal static partial class BpeFiles
{
    /// <summary>An object of tokens and their numbers.</summary>
    /// <exception cref="JsonException">It is something else.</exception>
    public static Dictionary<string, int> ReadVocabulary(string path)
    {
        var vocabulary = new Dictionary<string, int>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(ByteOrderMark.Skip(File.ReadAllBytes(path)));
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            throw new JsonException("The vocabulary is no object of tokens and their numbers.");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var token = reader.GetString()!;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt32(out var number))
                throw new JsonException($"Token \"{token}\" of the vocabulary has no number.");
            vocabulary[token] = number;
        }

        return vocabulary;
    }

    /// <summary>Two pieces a line, those first that are merged first.</summary>
    public static string[] ReadMerges(string path) =>
        [.. File.ReadLines(path).Where(line => line.Length > 0 && !line.StartsWith("#version", StringComparison.Ordinal))];

    /// <summary>Merges stay within these.</summary>
    [GeneratedRegex(@"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", RegexOptions.CultureInvariant)]
    public static partial Regex Words();
}
