namespace Inference.Text.Models;

/// <summary>Tokens and their ids.</summary>
internal sealed class Vocabulary
{
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _byText;
    private readonly Dictionary<int, string> _tokens;
    private readonly bool[] _hasTokenOfLength;

    /// <param name="ids">The ids by token text, with ordinal comparison.</param>
    public Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _byText = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        _tokens = new Dictionary<int, string>(ids.Count);
        foreach (var (token, id) in ids)
        {
            _tokens[id] = token;
            MaxTokenLength = Math.Max(MaxTokenLength, token.Length);
            End = Math.Max(End, id + 1);
        }

        _hasTokenOfLength = new bool[MaxTokenLength + 1];
        foreach (var token in ids.Keys)
            _hasTokenOfLength[token.Length] = true;
    }

    public int Count => _ids.Count;

    /// <summary>One more than the largest id.</summary>
    public int End { get; }

    /// <summary>The length of the longest token, in UTF-16 code units.</summary>
    public int MaxTokenLength { get; }

    /// <returns>-1 when there is no such token.</returns>
    public int IdOf(ReadOnlySpan<char> token) =>
        // Checking the length costs less than hashing a long text.
        token.Length < _hasTokenOfLength.Length && _hasTokenOfLength[token.Length] && _byText.TryGetValue(token, out var id) ? id : -1;

    /// <returns>Null when there is no such id.</returns>
    public string? TokenOf(int id) => _tokens.GetValueOrDefault(id);
}
