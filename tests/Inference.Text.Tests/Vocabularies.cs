using System.Globalization;
using System.Text;

namespace Inference.Text.Tests;

/// <summary>
/// Creates vocabularies from random parts of random words. They are as large as real vocabularies, and are created within a second.
/// </summary>
internal static class Vocabularies
{
    private const int Seed = 7;
    private const char Mark = '▁';

    /// <summary>Returns tokens that begin words, and tokens with a prefix that continue words.</summary>
    public static Dictionary<string, int> WordPiece(int size, string[] special, bool isUncased)
    {
        var texts = new RandomTexts(Seed);
        var ids = AssignIds(special);
        for (var code = '!'; code < 0x500; code++)
        {
            Add(ids, code.ToString());
            Add(ids, "##" + code);
        }

        while (ids.Count < size)
        {
            var word = texts.NextWord();
            if (isUncased)
                word = word.ToLowerInvariant();
            var (start, end) = Part(texts, word);
            if (start < end)
                Add(ids, (start > 0 ? "##" : "") + word[start..end]);
        }

        return ids;
    }

    /// <summary>Creates tokens and merges by merging random pairs in random words.</summary>
    /// <param name="write">Converts a word to the characters that the model receives.</param>
    public static (Dictionary<string, int> Ids, List<(string Left, string Right)> Merges) Bpe(
        int size, IEnumerable<string> first, Func<string, string> write)
    {
        var texts = new RandomTexts(Seed);
        var ids = AssignIds(first);
        var merges = new List<(string Left, string Right)>();
        var known = new HashSet<(string, string)>();
        var words = Enumerable.Range(0, 20_000).Select(_ => Characters(write(texts.NextWord()))).Where(word => word.Count > 1).ToArray();
        while (ids.Count < size)
        {
            var word = words[texts.NextNumber(words.Length)];
            if (word.Count < 2)
            {
                word.Clear();
                word.AddRange(Characters(write(texts.NextWord())));
                continue;
            }

            var index = texts.NextNumber(word.Count - 1);
            var (left, right) = (word[index], word[index + 1]);
            Add(ids, left);
            Add(ids, right);
            Add(ids, left + right);
            if (known.Add((left, right)))
                merges.Add((left, right));
            word[index] = left + right;
            word.RemoveAt(index + 1);
        }

        return (ids, merges);
    }

    /// <summary>Returns pieces of words that begin with a visible space, and the scores of the pieces.</summary>
    public static List<(string Piece, double Score)> Unigram(int size, string[] special)
    {
        var texts = new RandomTexts(Seed);
        var pieces = special.Select(piece => (piece, 0.0)).ToList();
        var known = special.ToHashSet(StringComparer.Ordinal);
        for (var code = '!'; code < 0x500; code++)
        {
            if (code != Mark && known.Add(code.ToString()))
                pieces.Add((code.ToString(), Score(texts, 9)));
        }

        while (pieces.Count < size)
        {
            var word = Mark + texts.NextWord();
            var (start, end) = Part(texts, word);
            if (start < end && known.Add(word[start..end]))
                pieces.Add((word[start..end], Score(texts, 5)));
        }

        return pieces;
    }

    /// <summary>The tokens of all bytes in vocabularies of SentencePiece.</summary>
    public static IEnumerable<string> ByteTokens() =>
        Enumerable.Range(0, 256).Select(value => string.Create(CultureInfo.InvariantCulture, $"<0x{value:X2}>"));

    /// <summary>The tokens of all bytes in byte-level vocabularies.</summary>
    public static IEnumerable<string> ByteLetterTokens() =>
        Enumerable.Range(0, 256).Select(value => ByteCharacters.ToCharacter((byte)value).ToString());

    /// <summary>Converts a text to the characters that byte-level models receive.</summary>
    public static string AsByteCharacters(string text) => string.Concat(Encoding.UTF8.GetBytes(text).Select(ByteCharacters.ToCharacter));

    private static double Score(RandomTexts texts, int least) => -least - (texts.NextNumber(1_000_000) / 123_457.0);

    private static (int Start, int End) Part(RandomTexts texts, string word)
    {
        var start = texts.NextNumber(3) == 0 ? texts.NextNumber(word.Length) : 0;
        var end = start + 1 + texts.NextNumber(word.Length - start);
        return char.IsSurrogate(word[start]) || char.IsSurrogate(word[end - 1]) ? (0, 0) : (start, end);
    }

    private static List<string> Characters(string word) => [.. word.EnumerateRunes().Select(rune => rune.ToString())];

    private static Dictionary<string, int> AssignIds(IEnumerable<string> tokens)
    {
        var ids = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var token in tokens)
            Add(ids, token);
        return ids;
    }

    private static void Add(Dictionary<string, int> ids, string token) => ids.TryAdd(token, ids.Count);
}
