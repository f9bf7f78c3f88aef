using System.Buffers;
using Inference.Text.Unicode;

namespace Inference.Text.Models;

/// <summary>
/// Byte-pair encoding, which starts with the characters of a word, and repeatedly merges the adjacent pair of tokens with the lowest rank.
/// </summary>
internal sealed class BpeModel : TokenModel
{
    /// <summary>
    /// The ids of the characters below this value are in an array. Among these characters are those of byte-level tokenizers and most
    /// Latin letters.
    /// </summary>
    private const int DirectEnd = 0x250;

    private readonly Vocabulary _vocabulary;
    private readonly MergeTable _merges;
    private readonly BpeSettings _settings;
    private readonly int _unknownId;
    private readonly int[] _directIds = new int[DirectEnd];

    /// <summary>The ids of the tokens of single bytes; null when unknown characters are not encoded as bytes.</summary>
    private readonly int[]? _byteIds;

    /// <param name="merges">The pairs to merge, in the order of their ranks.</param>
    /// <exception cref="FormatException">A merge has tokens that are not in the vocabulary.</exception>
    public BpeModel(Vocabulary vocabulary, IReadOnlyList<(string Left, string Right)> merges, BpeSettings settings)
    {
        (_vocabulary, _settings) = (vocabulary, settings);
        _unknownId = settings.Unknown is { } unknown ? vocabulary.IdOf(unknown) : -1;
        _merges = new MergeTable(merges.Count);
        for (var rank = 0; rank < merges.Count; rank++)
        {
            var (left, right) = merges[rank];
            if (right.Length < settings.Prefix.Length)
            {
                throw new FormatException(
                    $"{Describe(merges[rank])} has a second part without the prefix \"{Quote.Shorten(settings.Prefix)}\".");
            }

            var merged = left + right[settings.Prefix.Length..];
            _merges.Set(GetRequiredId(left, merges[rank]), GetRequiredId(right, merges[rank]), rank, GetRequiredId(merged, merges[rank]));
        }

        for (var code = 0; code < DirectEnd; code++)
            _directIds[code] = vocabulary.IdOf([(char)code]);
        if (settings.FallsBackToBytes)
            _byteIds = ByteTokens.Find(vocabulary);
    }

    public override int TokenCount => _vocabulary.Count;

    public override int IdEnd => _vocabulary.End;

    public override int Unknown => _unknownId;

    public override string Prefix => _settings.Prefix;

    public override void Tokenize(ReadOnlySpan<char> word, int start, TokenList tokens)
    {
        if (_settings.IgnoresMerges && _vocabulary.IdOf(word) is >= 0 and var whole)
        {
            tokens.Add(whole, start, start + word.Length);
            return;
        }

        // A character can become its bytes and the bytes of both affixes. In UTF-8, a code unit has at most three bytes.
        var maxSymbols = _byteIds is null ? word.Length : word.Length * 3 * (1 + _settings.Prefix.Length + _settings.Suffix.Length);
        var rented = ArrayPool<Symbol>.Shared.Rent(maxSymbols);
        var symbols = rented.AsSpan(0, FillSymbols(word, rented));
        var count = symbols.Length <= WordMerger.MaxScanned
            ? WordMerger.MergeByScanning(symbols, _merges)
            : WordMerger.MergeByQueue(symbols, _merges, tokens);
        foreach (var symbol in symbols[..count])
            tokens.Add(symbol.Id, start + symbol.Start, start + symbol.End);
        ArrayPool<Symbol>.Shared.Return(rented);
    }

    public override int IdOf(string token) => _vocabulary.IdOf(token);

    public override string? TokenOf(int id) => _vocabulary.TokenOf(id);

    /// <returns>The number of symbols.</returns>
    private int FillSymbols(ReadOnlySpan<char> word, Symbol[] symbols)
    {
        var (count, unknown) = (0, default(Symbol?));
        for (var index = 0; index < word.Length;)
        {
            var code = CharacterClass.CodePointAt(word, index, out var size);
            var end = index + size;
            var id = IdOf(word, code, index, end);
            if (id >= 0)
            {
                if (unknown is { } pending)
                    symbols[count++] = pending;
                unknown = null;
                symbols[count++] = new Symbol(id, index, end);
            }
            else if (_byteIds is not null && AddBytes(word, index, end, symbols.AsSpan(count)) is > 0 and var byteCount)
            {
                // As in Hugging Face's library, a pending unknown character is placed after the bytes of the characters that follow it.
                count += byteCount;
            }
            else if (_settings.Unknown is { } token)
            {
                if (_unknownId < 0)
                    throw TokenizerException.UnknownTokenError(token);
                var fused = _settings.FusesUnknown && unknown is { } first ? first with { End = end } : new Symbol(_unknownId, index, end);
                if (unknown is { } pending && !_settings.FusesUnknown)
                    symbols[count++] = pending;
                unknown = fused;
            }

            index = end;
        }

        if (unknown is { } remaining)
            symbols[count++] = remaining;
        return count;
    }

    private int IdOf(ReadOnlySpan<char> word, int code, int start, int end)
    {
        if (_settings.Prefix.Length == 0 && _settings.Suffix.Length == 0)
            return code < DirectEnd ? _directIds[code] : _vocabulary.IdOf(word[start..end]);
        return _vocabulary.IdOf(WithAffixes(word, start, end));
    }

    private string WithAffixes(ReadOnlySpan<char> word, int start, int end) =>
        string.Concat(start > 0 ? _settings.Prefix : "", word[start..end], end == word.Length ? _settings.Suffix : "");

    /// <returns>The number of symbols; zero when a byte has no token.</returns>
    private int AddBytes(ReadOnlySpan<char> word, int start, int end, Span<Symbol> symbols)
    {
        var text = WithAffixes(word, start, end);
        Span<int> ids = stackalloc int[text.Length * 3];
        var count = ByteTokens.Encode(_byteIds!, text, ids);
        for (var index = 0; index < count; index++)
            symbols[index] = new Symbol(ids[index], start, end);
        return count;
    }

    private int GetRequiredId(string token, (string Left, string Right) merge) =>
        _vocabulary.IdOf(token) is >= 0 and var id
            ? id
            : throw new FormatException(
                $"{Describe(merge)} needs the token \"{Quote.Shorten(token)}\", which the vocabulary does not have.");

    private static string Describe((string Left, string Right) merge) => $"The merge \"{Quote.Shorten($"{merge.Left} {merge.Right}")}\"";

    /// <summary>A token of a word during the merging, and its range in the word.</summary>
    internal readonly record struct Symbol(int Id, int Start, int End);
}
