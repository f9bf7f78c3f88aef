using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;

namespace Inference.Protocols.Predict;

/// <summary>A model's labels as answers have them, <c>{"label":"7","score":0.9}</c>: put into JSON once, not for every answer.</summary>
internal sealed class LabelTexts
{
    private static readonly ConditionalWeakTable<Model, LabelTexts> Known = [];

    /// <summary>Each up to its score, behind the comma that all but an array's first have.</summary>
    private readonly byte[][] _starts;

    private LabelTexts(Model model) =>
        _starts = [.. model.Labels.Select(label => (byte[])[.. ",{\"label\":\""u8, .. JsonEncodedText.Encode(label, JsonText.WriterOptions.Encoder).EncodedUtf8Bytes, .. "\",\"score\":"u8])];

    public int Count => _starts.Length;

    public static LabelTexts Of(Model model) => Known.GetValue(model, static model => new LabelTexts(model));

    public void Write(IBufferWriter<byte> output, int label, float score, bool isFirst)
    {
        var start = _starts[label].AsSpan(isFirst ? 1 : 0);
        var span = output.GetSpan(start.Length + SingleNumberText.MaxLength + 1);
        start.CopyTo(span);
        var length = start.Length + SingleNumberText.Write(span[start.Length..], score);
        span[length++] = (byte)'}';
        output.Advance(length);
    }
}
