using System.Runtime.CompilerServices;

namespace Inference.Text;

/// <summary>The tokens of one text, and their ranges in the normalized text.</summary>
/// <param name="text">The text, used only to check for cancellation.</param>
internal sealed class TokenList(WorkingText text)
{
    private Token[] _tokens = new Token[64];

    public int Count { get; private set; }

    /// <summary>The index of the piece that the next tokens belong to.</summary>
    public int Word { get; set; }

    /// <summary>The tokens so far, valid until the next one is added.</summary>
    public ReadOnlySpan<Token> Tokens => _tokens.AsSpan(0, Count);

    /// <param name="start">The start in UTF-16 code units of the current text.</param>
    /// <param name="end">The exclusive end.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(int id, int start, int end)
    {
        if (Count == _tokens.Length)
            Array.Resize(ref _tokens, Count * 2);
        _tokens[Count++] = new Token(id, start, end, Word);
    }

    /// <summary>Keeps only the first tokens.</summary>
    public void Truncate(int count) => Count = count;

    /// <exception cref="OperationCanceledException">The call was cancelled.</exception>
    public void ThrowIfCancelled() => text.ThrowIfCancelled(1);

    /// <summary>A token of the text.</summary>
    /// <param name="Start">The start in UTF-16 code units of the normalized text.</param>
    /// <param name="End">The exclusive end in UTF-16 code units of the normalized text.</param>
    /// <param name="Word">The index of the piece that the token belongs to.</param>
    internal readonly record struct Token(int Id, int Start, int End, int Word);
}
