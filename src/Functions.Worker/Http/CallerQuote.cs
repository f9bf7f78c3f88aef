namespace Functions.Worker.Http;

/// <summary>Quotes a caller's text in an error message.</summary>
internal static class CallerQuote
{
    /// <summary>The maximum number of characters that are quoted.</summary>
    private const int MaxLength = 200;

    /// <summary>Returns the text in quotation marks. A long text is cut off without splitting a surrogate pair.</summary>
    public static string Create(string? text)
    {
        if (text is not { Length: > MaxLength })
            return $"\"{text}\"";
        var length = char.IsHighSurrogate(text[MaxLength - 1]) ? MaxLength - 1 : MaxLength;
        return $"\"{text.AsSpan(0, length)}...\"";
    }
}
