using System.Buffers;
using System.Globalization;
using System.Text;

namespace Inference.Text.Decoding;

/// <summary>Decodes byte-level tokens, whose characters represent bytes of UTF-8. A token with other characters stays unchanged.</summary>
internal sealed class ByteLevelDecoder : Decoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var bytes = new ArrayBufferWriter<byte>();
        foreach (var token in tokens)
        {
            if (token.Any(character => ByteCharacters.ToByte(character) < 0))
            {
                bytes.Write(Encoding.UTF8.GetBytes(token));
                continue;
            }

            var target = bytes.GetSpan(token.Length);
            for (var index = 0; index < token.Length; index++)
                target[index] = (byte)ByteCharacters.ToByte(token[index]);
            bytes.Advance(token.Length);
        }

        return [Encoding.UTF8.GetString(bytes.WrittenSpan)];
    }
}

/// <summary>
/// Decodes runs of byte tokens such as &lt;0xE2&gt; as UTF-8. In a run that is not valid UTF-8, each byte becomes U+FFFD.
/// </summary>
internal sealed class ByteFallbackDecoder : Decoder
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public override List<string> Decode(List<string> tokens)
    {
        var texts = new List<string>(tokens.Count);
        var bytes = new List<byte>();
        foreach (var token in tokens)
        {
            if (ByteOf(token) is { } value)
            {
                bytes.Add(value);
                continue;
            }

            Flush(bytes, texts);
            texts.Add(token);
        }

        Flush(bytes, texts);
        return texts;
    }

    private static byte? ByteOf(string token) =>
        token.Length == 6 && token.StartsWith("<0x", StringComparison.Ordinal) && token[^1] == '>'
        && byte.TryParse(token.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    private static void Flush(List<byte> bytes, List<string> texts)
    {
        if (bytes.Count == 0)
            return;
        try
        {
            texts.Add(Strict.GetString([.. bytes]));
        }
        catch (DecoderFallbackException)
        {
            texts.AddRange(Enumerable.Repeat("\uFFFD", bytes.Count));
        }

        bytes.Clear();
    }
}

/// <summary>The decoder of speech recognizers (CTC), which merges equal adjacent tokens and drops padding.</summary>
/// <param name="delimiter">The token between words.</param>
/// <param name="cleans">Whether delimiters become spaces, and spaces before punctuation are dropped.</param>
internal sealed class CtcDecoder(string padding, string delimiter, bool cleans) : Decoder
{
    public override List<string> Decode(List<string> tokens)
    {
        var texts = new List<string>();
        string? previous = null;
        foreach (var token in tokens)
        {
            if (token == previous)
                continue;
            previous = token;
            var text = Replace(token, padding, "");
            if (cleans)
                text = Replace(WordPieceDecoder.CleanUp(text), delimiter, " ");
            if (text.Length > 0)
                texts.Add(text);
        }

        return texts;
    }

    private static string Replace(string text, string part, string content) =>
        part.Length == 0 ? text : text.Replace(part, content, StringComparison.Ordinal);
}
