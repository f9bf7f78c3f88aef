using Inference.Text.Unicode;

namespace Inference.Text.Models;

/// <summary>
/// The model of BERT. The first token is the longest token at the start of a word. Each further token is the longest continuation token at
/// the start of the rest. For example, <c>playing</c> becomes <c>play</c> and <c>##ing</c>.
/// </summary>
internal sealed class WordPieceModel : TokenModel
{
    private readonly Vocabulary _vocabulary;
    private readonly string _unknownToken;
    private readonly int _unknownId;
    private readonly string _prefix;
    private readonly int _maxCharacters;

    /// <param name="unknown">The token for words that no sequence of tokens forms.</param>
    /// <param name="prefix">The prefix of continuation tokens, such as ##.</param>
    /// <param name="maxCharacters">The maximum number of characters in a word. Longer words become the unknown token.</param>
    public WordPieceModel(Vocabulary vocabulary, string unknown, string prefix, int maxCharacters)
    {
        (_vocabulary, _unknownToken, _unknownId) = (vocabulary, unknown, vocabulary.IdOf(unknown));
        (_prefix, _maxCharacters) = (prefix, maxCharacters);
    }

    public override int TokenCount => _vocabulary.Count;

    public override int IdEnd => _vocabulary.End;

    public override int Unknown => _unknownId;

    public override string Prefix => _prefix;

    public override void Tokenize(ReadOnlySpan<char> word, int start, TokenList tokens)
    {
        var originalCount = tokens.Count;
        var isShort = word.Length <= _maxCharacters || CharacterClass.CountCodePoints(word) <= _maxCharacters;
        if (isShort && TrySplit(word, start, tokens))
            return;
        tokens.Truncate(originalCount);
        if (_unknownId < 0)
            throw TokenizerException.UnknownTokenError(_unknownToken);
        tokens.Add(_unknownId, start, start + word.Length);
    }

    public override int IdOf(string token) => _vocabulary.IdOf(token);

    public override string? TokenOf(int id) => _vocabulary.TokenOf(id);

    private bool TrySplit(ReadOnlySpan<char> word, int start, TokenList tokens)
    {
        const int MaxStackCharacters = 256;
        var size = _prefix.Length + word.Length;
        // The prefix is written before each part and overwrites characters that are already processed.
        var characters = size <= MaxStackCharacters ? stackalloc char[MaxStackCharacters] : new char[size];
        word.CopyTo(characters[_prefix.Length..]);
        for (var position = 0; position < word.Length;)
        {
            var begin = position == 0 ? _prefix.Length : position;
            if (position > 0)
                _prefix.CopyTo(characters[position..]);
            var wordEnd = _prefix.Length + word.Length;
            var end = Math.Min(wordEnd, begin + _vocabulary.MaxTokenLength);
            if (end < wordEnd && char.IsLowSurrogate(characters[end]))
                end--;
            var (id, minEnd) = (-1, _prefix.Length + position);
            while (end > minEnd && (id = _vocabulary.IdOf(characters[begin..end])) < 0)
                end -= char.IsLowSurrogate(characters[end - 1]) && end - 1 > minEnd ? 2 : 1;
            if (id < 0)
                return false;
            tokens.Add(id, start + position, start + end - _prefix.Length);
            position = end - _prefix.Length;
        }

        return true;
    }
}
