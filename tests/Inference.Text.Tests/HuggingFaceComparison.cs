using System.Text;
using RustTokenizer = Tokenizers.DotNet.Tokenizer;

namespace Inference.Text.Tests;

/// <summary>Loads one tokenizer.json with our tokenizer and with Hugging Face's library, and compares the results.</summary>
internal sealed class HuggingFaceComparison : IDisposable
{
    private readonly RustTokenizer _theirs;

    public HuggingFaceComparison(string json)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            Ours = Tokenizer.Load(path);
            _theirs = new RustTokenizer(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public Tokenizer Ours { get; }

    /// <exception cref="Xunit.Sdk.XunitException">The tokens differ.</exception>
    public int[] AssertSameIds(string text)
    {
        // The .NET wrapper of their library refuses unpaired surrogates, so a conversion to UTF-8 replaces them.
        var expected = Array.ConvertAll(_theirs.Encode(Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text))), id => (int)id);
        var options = EncodeOptions.Default with { Truncation = Ours.Truncation };
        var actual = Pad(Ours.Encode(text, options)).Ids.ToArray();
        if (!expected.AsSpan().SequenceEqual(actual))
            Assert.Fail($"Ids of {Escape(text)}\nexpected {Show(expected)}\nactual   {Show(actual)}");
        // A request for offsets turns on the tracking of original ranges, which must not change the ids.
        Assert.Equal(expected, Pad(Ours.Encode(text, options with { Offsets = OffsetUnit.Utf16 })).Ids.ToArray());
        return actual;
    }

    public void AssertSameText(int[] ids) =>
        Assert.Equal(_theirs.Decode(Array.ConvertAll(ids, id => (uint)id)), Ours.Decode(ids, skipSpecialTokens: true));

    public void Dispose() => _theirs.Dispose();

    private EncodedText Pad(EncodedText text) => Ours.Padding is { } padding ? text.PadTo(padding.LengthFor(text.Length), padding) : text;

    private string Show(int[] ids) => string.Join(' ', ids.Select(id => $"{id}:{Escape(Ours.TokenOf(id) ?? "?")}"));

    private static string Escape(string text) =>
        string.Concat(text.Select(letter => letter is >= ' ' and < '\u007f' ? letter.ToString() : $"\\u{(int)letter:x4}"));
}
