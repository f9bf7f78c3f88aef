using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Inference.Models;
using Inference.Tensors;

namespace Inference.Remote.OpenInference;

/// <summary>
/// The body of an infer call with the binary tensor data extension: JSON, followed by the tensors, which are written without a copy. For a
/// retry, the same body can be sent again.
/// </summary>
internal sealed class InferContent : HttpContent
{
    /// <summary>The header with the number of bytes of the JSON.</summary>
    public const string JsonLengthHeader = "Inference-Header-Content-Length";

    private readonly ArrayBufferWriter<byte> _json = new();
    private readonly IReadOnlyList<Tensor> _inputs;

    public InferContent(ModelSignature signature, IReadOnlyList<Tensor> inputs, IReadOnlyList<int> outputs, TimeSpan timeout)
    {
        _inputs = inputs;
        using (var writer = new Utf8JsonWriter(_json))
            Write(writer, signature, outputs, timeout);
        Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        Headers.Add(JsonLengthHeader, _json.WrittenCount.ToString(CultureInfo.InvariantCulture));
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await stream.WriteAsync(_json.WrittenMemory, cancellationToken).ConfigureAwait(false);
        foreach (var input in _inputs)
            await stream.WriteAsync(input.Data, cancellationToken).ConfigureAwait(false);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _json.WrittenCount + _inputs.Sum(input => (long)input.Data.Length);
        return true;
    }

    private void Write(Utf8JsonWriter writer, ModelSignature signature, IReadOnlyList<int> outputs, TimeSpan timeout)
    {
        writer.WriteStartObject();
        writer.WriteStartObject("parameters"u8);
        writer.WriteBoolean("binary_data_output"u8, true);
        writer.WriteNumber("timeout"u8, (long)timeout.TotalMicroseconds);
        writer.WriteEndObject();
        writer.WriteStartArray("inputs"u8);
        for (var i = 0; i < _inputs.Count; i++)
            WriteInput(writer, signature.Inputs[i].Name, _inputs[i]);
        writer.WriteEndArray();
        writer.WriteStartArray("outputs"u8);
        foreach (var output in outputs)
        {
            writer.WriteStartObject();
            writer.WriteString("name"u8, signature.Outputs[output].Name);
            writer.WriteStartObject("parameters"u8);
            writer.WriteBoolean("binary_data"u8, true);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter writer, string name, Tensor input)
    {
        writer.WriteStartObject();
        writer.WriteString("name"u8, name);
        writer.WriteString("datatype"u8, input.Type.Name());
        writer.WriteStartArray("shape"u8);
        foreach (var dimension in input.Shape.Dimensions)
            writer.WriteNumberValue(dimension);
        writer.WriteEndArray();
        writer.WriteStartObject("parameters"u8);
        writer.WriteNumber("binary_data_size"u8, input.Data.Length);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
