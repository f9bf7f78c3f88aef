using System.Buffers;

namespace Inference.Protocols.TensorFlowServing;

/// <summary>
/// TensorFlow Serving's clients write NaN and the infinities as bare words, which no JSON reader takes: they are put in quotes, where
/// there are any.
/// </summary>
internal static class NonFiniteWords
{
    private static readonly SearchValues<byte> Telling = SearchValues.Create("\"NI"u8);

    /// <summary>Returns the same memory, when it has none of them; else that of a copy, which is at most 1.7 times as long.</summary>
    /// <param name="quoted">The copy, for the caller to dispose, also when this throws.</param>
    public static ReadOnlyMemory<byte> Quote(ReadOnlyMemory<byte> json, ref PooledBuffer? quoted)
    {
        var text = json.Span;
        var (copied, at) = (0, 0);
        while (text[at..].IndexOfAny(Telling) is var next and >= 0)
        {
            at += next;
            if (text[at] == '"')
            {
                at = EndOfString(text, at);
                continue;
            }

            var length = WordLength(text[at..]);
            if (length == 0)
            {
                at++;
                continue;
            }

            var start = at > 0 && text[at - 1] == '-' ? at - 1 : at;
            quoted ??= new PooledBuffer(text.Length + 64);
            quoted.Write(text[copied..start]);
            quoted.Write("\""u8);
            quoted.Write(text[start..(at + length)]);
            quoted.Write("\""u8);
            copied = at += length;
        }

        if (quoted is null)
            return json;
        quoted.Write(text[copied..]);
        return quoted.Written;
    }

    private static int WordLength(ReadOnlySpan<byte> text) =>
        text.StartsWith("Infinity"u8) ? 8 : text.StartsWith("NaN"u8) || text.StartsWith("Inf"u8) ? 3 : 0;

    /// <summary>Behind the quote that ends the string which starts here; the end of the text, when there is none.</summary>
    private static int EndOfString(ReadOnlySpan<byte> text, int at)
    {
        at++;
        while (text[at..].IndexOfAny((byte)'"', (byte)'\\') is var next and >= 0)
        {
            at += next + 1;
            if (text[at - 1] == '"')
                return at;
            if (at == text.Length)
                break;
            at++;
        }

        return text.Length;
    }
}
