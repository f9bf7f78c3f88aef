namespace Inference.Text.Models;

/// <summary>A model with one token for each word.</summary>
internal sealed class WordLevelModel(Vocabulary vocabulary, string unknown) : TokenModel
{
    private readonly int _unknownId = vocabulary.IdOf(unknown);

    public override int TokenCount => vocabulary.Count;

    public override int IdEnd => vocabulary.End;

    public override int Unknown => _unknownId;

    public override void Tokenize(ReadOnlySpan<char> word, int start, TokenList tokens)
    {
        var id = vocabulary.IdOf(word);
        if (id < 0)
            id = _unknownId >= 0 ? _unknownId : throw TokenizerException.UnknownTokenError(unknown);
        tokens.Add(id, start, start + word.Length);
    }

    public override int IdOf(string token) => vocabulary.IdOf(token);

    public override string? TokenOf(int id) => vocabulary.TokenOf(id);
}
