using Inference.Text.Models;
using Inference.Text.Normalization;

namespace Inference.Text.Added;

/// <summary>The added tokens of a tokenizer. They are split off the text before or after its normalization.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<int, AddedToken> _tokens = [];
    private readonly HashSet<string> _specialTokens = new(StringComparer.Ordinal);
    private readonly AddedTokenFinder? _originalFinder;
    private readonly AddedTokenFinder? _normalizedFinder;

    /// <param name="tokens">
    /// The tokens in the order of the file. A token of the model keeps the id that it has in the model. The other tokens have the ids after
    /// those of the model.
    /// </param>
    public AddedVocabulary(IReadOnlyList<AddedToken> tokens, TokenModel model, Normalizer? normalizer)
    {
        var nonSpecials = new List<AddedToken>();
        var specials = new List<AddedToken>();
        foreach (var token in tokens)
        {
            if (token.IsSpecial && token.Content.Length > 0 && _specialTokens.Add(token.Content))
                specials.Add(token);
        }

        var nextId = model.TokenCount;
        var seen = new HashSet<AddedToken>();
        foreach (var token in tokens)
        {
            if (token.Content.Length == 0 || !seen.Add(token))
                continue;
            var id = IdOf(token.Content, model);
            if (id < 0)
                id = nextId++;
            _ids[token.Content] = id;
            _tokens[id] = token;
            if (!_specialTokens.Contains(token.Content))
                nonSpecials.Add(token);
        }

        AddedToken[] all = [.. specials, .. nonSpecials];
        _originalFinder = AddedTokenFinder.TryCreate(all.Where(token => !token.IsNormalized).Select(token => (token.Content, Find(token))));
        _normalizedFinder = AddedTokenFinder.TryCreate(
            all.Where(token => token.IsNormalized).Select(token => (Normalize(token.Content, normalizer), Find(token))));
        End = Math.Max(nextId, model.IdEnd);
    }

    /// <summary>The exclusive upper bound of the ids of the model's tokens and of the added tokens.</summary>
    public int End { get; }

    /// <returns>-1 when neither an added token nor a token of the model has the text.</returns>
    public int IdOf(string token, TokenModel model) => _ids.TryGetValue(token, out var id) ? id : model.IdOf(token);

    /// <returns>Null when no added token has the id.</returns>
    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id)?.Content;

    /// <summary>Whether decoding may skip a token.</summary>
    public bool IsSpecial(string token) => _specialTokens.Contains(token);

    /// <summary>Splits off the tokens that are searched for in the original text.</summary>
    public void SplitOriginal(WorkingText text) => _originalFinder?.Split(text);

    /// <summary>
    /// Splits off the tokens that are searched for in the normalized text. With or without such tokens, the origin of each piece becomes
    /// the place of its first character, because the normalizer may have removed the start of the text.
    /// </summary>
    public void SplitNormalized(WorkingText text)
    {
        if (_normalizedFinder is not null)
            _normalizedFinder.Split(text);
        else
            text.UpdateOrigins();
    }

    /// <summary>Returns the id of a token, and the settings of the last token with this id.</summary>
    private (int Id, AddedToken Token) Find(AddedToken token)
    {
        var id = _ids[token.Content];
        return (id, _tokens[id]);
    }

    private static string Normalize(string content, Normalizer? normalizer)
    {
        if (normalizer is null)
            return content;
        using var text = new WorkingText(content, tracksOrigin: false, CancellationToken.None);
        normalizer.Normalize(text);
        return text.Chars.ToString();
    }
}
