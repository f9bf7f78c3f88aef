using System.Buffers;
using System.Globalization;
using Inference.Protocols.Protobuf;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>
/// Writes a <c>ModelInferResponse</c>, with tensors directly from their memory. Either all outputs are raw, or all have typed contents, or
/// all have both. If one output has a type without typed contents, all outputs are raw. The numbers in the code are the field numbers in
/// open_inference.proto.
/// </summary>
public sealed class ModelInferWriter
{
    private const int ModelNameField = 1;
    private const int ModelVersionField = 2;
    private const int IdField = 3;
    private const int ParametersField = 4;
    private const int OutputsField = 5;
    private const int RawField = 6;
    private const int StreamedResponseField = 2;
    private const string DigestParameter = "model_digest";

    private readonly Prediction _prediction;
    private readonly string _version;

    /// <summary>The digest of the model; null unless the model's settings request the digest in responses.</summary>
    private readonly string? _digest;
    private readonly bool _hasRaw;
    private readonly OutputLengths[] _lengths;

    /// <summary>Computes the size of the response.</summary>
    /// <param name="prediction">The prediction; the caller disposes it after writing.</param>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the response exceeds the maximum size of a message.
    /// </exception>
    public ModelInferWriter(Prediction prediction, OutputForms forms)
    {
        _prediction = prediction;
        _version = prediction.Model.Id.Version.ToString(CultureInfo.InvariantCulture);
        _digest = prediction.Model.Digest?.ToString();
        var isRawOnly = prediction.Outputs.Any(output => TypedContents.Field(output.Tensor.Type) == 0);
        _hasRaw = forms.IsBinaryByDefault || isRawOnly;
        var isTyped = !isRawOnly && (!_hasRaw || forms.HasTypedContents);
        _lengths = [.. prediction.Outputs.Select(output => OutputLengths.Measure(output, isTyped))];
        var size = WireWriter.StringSize(prediction.Model.Id.Name.Value) + WireWriter.StringSize(_version)
            + (prediction.Id is { } id ? WireWriter.StringSize(id) : 0)
            + (_digest is null ? 0 : WireWriter.BytesSize(GetDigestEntrySize(_digest)));
        for (var i = 0; i < _lengths.Length; i++)
        {
            size += WireWriter.BytesSize(_lengths[i].Message)
                + (_hasRaw ? WireWriter.BytesSize(prediction.Outputs[i].Tensor.Data.Length) : 0);
        }

        Size = size <= Array.MaxLength
            ? (int)size
            : throw new InferenceException(
                InferenceError.RuntimeFailure, "The response is larger than 2 GiB, the maximum of a message: send fewer items.");
    }

    /// <summary>The number of bytes that <see cref="Write"/> writes.</summary>
    public int Size { get; }

    /// <summary>The number of bytes that <see cref="WriteStreamed"/> writes.</summary>
    public long StreamedSize => WireWriter.BytesSize(Size);

    /// <summary>Writes a <c>ModelStreamInferResponse</c> that contains the response.</summary>
    public void WriteStreamed(IBufferWriter<byte> output)
    {
        var writer = new WireWriter(output);
        writer.WriteTagAndLength(StreamedResponseField, Size);
        writer.Flush();
        Write(output);
    }

    public void Write(IBufferWriter<byte> output)
    {
        var writer = new WireWriter(output);
        writer.WriteString(ModelNameField, _prediction.Model.Id.Name.Value);
        writer.WriteString(ModelVersionField, _version);
        if (_prediction.Id is { } id)
            writer.WriteString(IdField, id);
        if (_digest is not null)
            WriteDigest(ref writer, _digest);
        for (var i = 0; i < _lengths.Length; i++)
        {
            writer.WriteTagAndLength(OutputsField, _lengths[i].Message);
            WriteOutput(ref writer, _prediction.Outputs[i], _lengths[i]);
        }

        for (var i = 0; _hasRaw && i < _lengths.Length; i++)
        {
            var data = _prediction.Outputs[i].Tensor.Data.Span;
            writer.WriteTagAndLength(RawField, data.Length);
            writer.WriteRaw(data);
        }

        writer.Flush();
    }

    private static long GetDigestEntrySize(string digest) =>
        WireWriter.StringSize(DigestParameter) + WireWriter.BytesSize(WireWriter.StringSize(digest));

    /// <summary>Writes an entry of a map: the key, and an <c>InferParameter</c> with its <c>string_param</c>.</summary>
    private static void WriteDigest(ref WireWriter writer, string digest)
    {
        writer.WriteTagAndLength(ParametersField, GetDigestEntrySize(digest));
        writer.WriteString(1, DigestParameter);
        writer.WriteTagAndLength(2, WireWriter.StringSize(digest));
        writer.WriteString(3, digest);
    }

    private static void WriteOutput(ref WireWriter writer, NamedTensor output, OutputLengths lengths)
    {
        writer.WriteString(1, output.Name);
        writer.WriteString(2, output.Tensor.Type.Name());
        writer.WriteTagAndLength(3, lengths.Shape);
        foreach (var dimension in output.Tensor.Shape.Dimensions)
            writer.WriteVarint((ulong)dimension);
        if (lengths.Contents is not { } contents)
            return;
        writer.WriteTagAndLength(5, contents);
        TypedContentsWriter.Write(ref writer, output.Tensor);
    }
}
