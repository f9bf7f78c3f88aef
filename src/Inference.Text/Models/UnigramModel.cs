using System.Buffers;

namespace Inference.Text.Models;

/// <summary>The model of SentencePiece, which splits a word into the tokens with the largest sum of scores.</summary>
internal sealed class UnigramModel : TokenModel
{
    /// <summary>The difference between the score of an unknown character and the lowest score of a token.</summary>
    private const double UnknownPenalty = 10;

    /// <summary>Also stands for an unknown character in the best split of a word, which such a model then refuses.</summary>
    private const int NoUnknown = -1;

    private readonly string[] _pieces;
    private readonly double[] _scores;
    private readonly Vocabulary _vocabulary;
    private readonly TokenTrie _trie = new();

    /// <summary>The id of the unknown token; <see cref="NoUnknown"/> when there is none.</summary>
    private readonly int _unknownId;
    private readonly double _unknownScore;

    /// <summary>The ids of the tokens of single bytes; null when unknown characters are not encoded as bytes.</summary>
    private readonly int[]? _byteIds;

    /// <param name="unknown">The id of the unknown token; negative when there is none.</param>
    /// <param name="fallsBackToBytes">Whether unknown characters become the tokens of their bytes, if there are such tokens.</param>
    public UnigramModel(IReadOnlyList<(string Piece, double Score)> pieces, int unknown, bool fallsBackToBytes)
    {
        _pieces = [.. pieces.Select(piece => piece.Piece)];
        _scores = [.. pieces.Select(piece => piece.Score)];
        var ids = new Dictionary<string, int>(_pieces.Length, StringComparer.Ordinal);
        for (var id = 0; id < _pieces.Length; id++)
        {
            ids[_pieces[id]] = id;
            if (_pieces[id].Length > 0)
                _trie.Add(_pieces[id], id);
        }

        _vocabulary = new Vocabulary(ids);
        _unknownId = Math.Max(NoUnknown, unknown);
        _unknownScore = _scores.DefaultIfEmpty(double.PositiveInfinity).Min() - UnknownPenalty;
        _byteIds = fallsBackToBytes ? ByteTokens.Find(_vocabulary) : null;
    }

    public override int TokenCount => _pieces.Length;

    public override int IdEnd => _pieces.Length;

    public override int Unknown => _unknownId;

    public override void Tokenize(ReadOnlySpan<char> word, int start, TokenList tokens)
    {
        var best = ArrayPool<BestSplit>.Shared.Rent(word.Length + 1);
        FindBest(word, best.AsSpan(0, word.Length + 1), tokens);
        // The search has written, for each end of a token, the token's start. Emit needs the reverse: for each start, the token's end.
        var next = -1;
        for (var end = word.Length; end >= 0;)
        {
            var from = best[end].From;
            best[end] = best[end] with { From = next };
            next = end;
            end = from;
        }

        Emit(word, start, best, tokens);
        ArrayPool<BestSplit>.Shared.Return(best);
    }

    public override int IdOf(string token) => _vocabulary.IdOf(token);

    public override string? TokenOf(int id) => (uint)id < (uint)_pieces.Length ? _pieces[id] : null;

    /// <summary>Finds, for each end position, the last token of the best split of the word up to this position.</summary>
    private void FindBest(ReadOnlySpan<char> word, Span<BestSplit> best, TokenList tokens)
    {
        best.Fill(BestSplit.None);
        best[0] = new BestSplit(0, 0, -1);
        for (var start = 0; start < word.Length;)
        {
            tokens.ThrowIfCancelled();
            var size = char.IsHighSurrogate(word[start]) && start + 1 < word.Length ? 2 : 1;
            var scoreBefore = best[start].Score;
            var hasSingle = false;
            var node = TokenTrie.Root;
            for (var position = start; position < word.Length && (node = _trie.FindChild(node, word[position])) >= 0;)
            {
                position++;
                if (_trie.ValueAt(node) is >= 0 and var id)
                {
                    UpdateIfBetter(ref best[position], id, scoreBefore + _scores[id], start);
                    hasSingle |= position - start == size;
                }
            }

            if (!hasSingle)
                UpdateIfBetter(ref best[start + size], _unknownId, scoreBefore + _unknownScore, start);
            start += size;
        }
    }

    private static void UpdateIfBetter(ref BestSplit split, int id, double score, int from)
    {
        if (!split.IsReached || score > split.Score)
            split = new BestSplit(id, score, from);
    }

    /// <summary>Appends the tokens. Adjacent unknown characters become one token, or the tokens of their bytes.</summary>
    private void Emit(ReadOnlySpan<char> word, int start, BestSplit[] best, TokenList tokens)
    {
        for (var from = 0; best[from].From >= 0;)
        {
            var end = best[from].From;
            var id = best[end].Id;
            if (id == _unknownId)
            {
                if (_unknownId < 0)
                    throw TokenizerException.UnknownTokenError("unk_id");
                while (best[end].From >= 0 && best[best[end].From].Id == _unknownId)
                    end = best[end].From;
                EmitUnknown(word[from..end], start + from, tokens);
            }
            else
            {
                tokens.Add(id, start + from, start + end);
            }

            from = end;
        }
    }

    private void EmitUnknown(ReadOnlySpan<char> text, int start, TokenList tokens)
    {
        var id = _vocabulary.IdOf(text);
        if (id < 0 && _byteIds is not null)
        {
            var rented = ArrayPool<int>.Shared.Rent(text.Length * 3);
            var count = ByteTokens.Encode(_byteIds, text, rented);
            foreach (var value in rented.AsSpan(0, count))
                tokens.Add(value, start, start + text.Length);
            ArrayPool<int>.Shared.Return(rented);
            if (count > 0)
                return;
        }

        tokens.Add(id >= 0 ? id : _unknownId, start, start + text.Length);
    }

    /// <summary>The best split of the text before a position: its last token, the sum of its scores, and the start of that token.</summary>
    private readonly record struct BestSplit(int Id, double Score, int From)
    {
        private const int Unreached = -2;

        public static readonly BestSplit None = new(0, 0, Unreached);

        public bool IsReached => From != Unreached;
    }
}
