using System.Buffers;
using System.Diagnostics.CodeAnalysis;

namespace Inference.Models;

/// <summary>The only rule for names that may become part of a path or a blob name: <c>[A-Za-z0-9][A-Za-z0-9._-]{0,127}</c>.</summary>
public static class SafeName
{
    /// <summary>The maximum number of characters of a name.</summary>
    public const int MaxLength = 128;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-");

    /// <summary>Whether a text follows the rule.</summary>
    public static bool IsValid([NotNullWhen(true)] string? text) =>
        text is { Length: > 0 and <= MaxLength } && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(Allowed);
}
