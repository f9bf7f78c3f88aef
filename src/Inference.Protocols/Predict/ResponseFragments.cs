using System.Buffers;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;

namespace Inference.Protocols.Predict;

/// <summary>The constant parts of a model's responses as JSON. They are encoded only once per model.</summary>
internal sealed class ResponseFragments
{
    private static readonly ConditionalWeakTable<Model, ResponseFragments> Cache = [];

    private readonly byte[] _start;

    /// <summary>Each label as <c>,{"label":"7","score":</c>. The comma is omitted for the first label of an array.</summary>
    private readonly byte[][] _labels;

    private ResponseFragments(Model model)
    {
        var digest = model.Digest is { } modelDigest ? $",\"model_digest\":{QuoteJson(modelDigest.ToString())}" : "";
        _start = Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture,
            $"{{\"model\":{QuoteJson(model.Id.Name.Value)},\"version\":{model.Id.Version}{digest},\"predictions\":"));
        _labels = [.. model.Labels.Select(label => Encoding.UTF8.GetBytes($",{{\"label\":{QuoteJson(label)},\"score\":"))];
    }

    /// <summary>The start of the response's object, up to the value of its predictions.</summary>
    public ReadOnlySpan<byte> Start => _start;

    public int LabelCount => _labels.Length;

    public static ResponseFragments ForModel(Model model) => Cache.GetValue(model, static model => new ResponseFragments(model));

    /// <summary>Writes a label and its score.</summary>
    /// <param name="label">The index of the label.</param>
    /// <param name="isFirst">Whether the label is the first label of its array. No comma precedes this label.</param>
    public void WriteLabel<T, TText>(IBufferWriter<byte> output, int label, T score, bool isFirst)
        where T : unmanaged
        where TText : INumberText<T>
    {
        var start = _labels[label].AsSpan(isFirst ? 1 : 0);
        var span = output.GetSpan(start.Length + TText.MaxLength + 1);
        start.CopyTo(span);
        var length = start.Length + TText.Write(span[start.Length..], score);
        span[length++] = (byte)'}';
        output.Advance(length);
    }

    private static string QuoteJson(string text) => $"\"{JsonEncodedText.Encode(text, JsonText.WriterOptions.Encoder)}\"";
}
