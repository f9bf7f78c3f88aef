using System.Buffers;
using Inference.Text.Models;
using Inference.Text.Unicode;

namespace Inference.Text.Added;

/// <summary>Finds added tokens in texts. If several tokens start at a position, the longest one is used.</summary>
internal sealed class AddedTokenFinder
{
    private readonly TokenTrie _trie = new();
    private readonly List<(int Id, AddedToken Token)> _tokens = [];
    private readonly SearchValues<char> _firstCharacters;

    private AddedTokenFinder(List<(string Text, (int Id, AddedToken Token) Token)> tokens)
    {
        // If several tokens have the same text, the first one is used. The trie keeps the value that is added last, so the tokens are added
        // in reverse order.
        for (var index = tokens.Count - 1; index >= 0; index--)
        {
            _trie.Add(tokens[index].Text, _tokens.Count);
            _tokens.Add(tokens[index].Token);
        }

        _firstCharacters = SearchValues.Create(tokens.Select(token => token.Text[0]).Distinct().ToArray());
    }

    /// <returns>Null if there are no tokens.</returns>
    public static AddedTokenFinder? TryCreate(IEnumerable<(string Text, (int Id, AddedToken Token) Token)> tokens)
    {
        // A token may be empty after normalization. An empty token is never found.
        var nonEmptyTokens = tokens.Where(token => token.Text.Length > 0).ToList();
        return nonEmptyTokens.Count == 0 ? null : new AddedTokenFinder(nonEmptyTokens);
    }

    /// <summary>Splits the added tokens off the pieces of a text.</summary>
    public void Split(WorkingText text) => text.SplitPieces(this, static (finder, text, in piece) => finder.Split(text, piece));

    private void Split(WorkingText text, in Piece piece)
    {
        var characters = text.TextOf(piece);
        // The part of the piece before this position is already split.
        var splitEnd = 0;
        for (var position = 0; characters[position..].IndexOfAny(_firstCharacters) is >= 0 and var found;)
        {
            position += found;
            if (FindLongest(characters, position, out var length) is not { } match)
            {
                position++;
                continue;
            }

            var (start, end) = (position, position + length);
            position = end;
            if (match.Token.IsSingleWord && !IsWholeWord(characters, start, end))
                continue;
            if (match.Token.StripsLeft)
                start = Math.Max(characters[..start].TrimEnd().Length, splitEnd);
            if (match.Token.StripsRight)
                end = characters.Length - characters[end..].TrimStart().Length;
            if (splitEnd < start)
                text.AddPart(piece.Start + splitEnd, piece.Start + start);
            text.AddPart(piece.Start + start, piece.Start + end, match.Id);
            splitEnd = end;
        }

        if (splitEnd < characters.Length)
            text.AddPart(piece.Start + splitEnd, piece.End);
    }

    private (int Id, AddedToken Token)? FindLongest(ReadOnlySpan<char> characters, int start, out int length)
    {
        var (best, node) = (-1, TokenTrie.Root);
        length = 0;
        for (var position = start; position < characters.Length && (node = _trie.FindChild(node, characters[position])) >= 0; position++)
        {
            if (_trie.ValueAt(node) < 0)
                continue;
            best = _trie.ValueAt(node);
            length = position + 1 - start;
        }

        return best < 0 ? null : _tokens[best];
    }

    private static bool IsWholeWord(ReadOnlySpan<char> characters, int start, int end) =>
        (start == 0 || !CharacterClass.IsWord(CharacterClass.CodePointBefore(characters, start)))
        && (end == characters.Length || !CharacterClass.IsWord(CharacterClass.CodePointAt(characters, end, out _)));
}
