using System.Text.Json;
using System.Text.Unicode;

namespace Inference.Models.Settings;

/// <summary>
/// Finds errors in the JSON files of a model, including errors that a JSON parser reports only when the value of a string is read.
/// </summary>
public static class StrictJson
{
    /// <summary>Checks that the text is one JSON value, and that its names and strings are valid Unicode.</summary>
    /// <param name="json">The text without a byte order mark.</param>
    /// <exception cref="JsonException">The text is not valid. The exception has the position.</exception>
    public static void ThrowIfInvalid(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && !IsUnicode(ref reader))
            {
                throw CreateError(
                    "The string has bytes that are not UTF-8, or an escaped half of a surrogate pair.", json[..(int)reader.TokenStartIndex]);
            }
        }
    }

    /// <summary>Describes an error of a parser, with its position in the text. The first line and its first byte have number 1.</summary>
    /// <param name="error">
    /// A <see cref="JsonException"/>, or the exception that a parser throws when the value of an invalid string is read.
    /// </param>
    /// <param name="json">The parsed text without a byte order mark.</param>
    public static string Describe(Exception error, ReadOnlySpan<byte> json)
    {
        try
        {
            if (error is not JsonException)
                ThrowIfInvalid(json);
        }
        catch (JsonException e)
        {
            error = e;
        }

        return Quote.ShortenMessage(ProblemText.Describe(error));
    }

    /// <summary>Creates an error at a position.</summary>
    /// <param name="before">The text before the position.</param>
    public static JsonException CreateError(string message, ReadOnlySpan<byte> before) =>
        new(message, path: null, before.Count((byte)'\n'), before.Length - 1 - before.LastIndexOf((byte)'\n'));

    private static bool IsUnicode(ref Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
            return Utf8.IsValid(reader.ValueSpan);
        try
        {
            reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }
}
