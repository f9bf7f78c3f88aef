using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Requests;

namespace Inference.Protocols.OpenInference;

/// <summary>Reads the body of an Open Inference v2 infer call. Unknown extensions are ignored, as the protocol requires.</summary>
public static class OpenInferenceReader
{
    /// <summary>Reads a body that is only JSON.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public static PredictionRequest Read(ReadOnlyMemory<byte> body) => ReadJson(new InferBody(body, Memory<byte>.Empty), signature: null);

    /// <summary>Reads a body with or without binary data, or a raw request (see <see cref="RawInput"/>).</summary>
    /// <param name="signature">The signature of the requested model, which defines the tensor of a raw request.</param>
    /// <returns>A request whose tensors may be views of the body. The body must stay valid until the caller disposes the request.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/>: the body is not valid for this call.</exception>
    public static PredictionRequest Read(InferBody body, ModelSignature signature)
    {
        if (!body.Json.IsEmpty)
        {
            var request = ReadJson(body, signature);
            Classification.AddKeys(request, signature, body.Outputs);
            return request;
        }

        body.Outputs.IsBinaryByDefault = true;
        return RawInput.Read(body.Tensors, signature);
    }

    private static PredictionRequest ReadJson(InferBody body, ModelSignature? signature) =>
        JsonText.ReadRequest(body.Json, (body, signature), Read);

    private static void Read(
        ref Utf8JsonReader reader,
        ReadOnlySpan<byte> json,
        (InferBody Body, ModelSignature? Signature) call,
        PredictionRequest request)
    {
        var body = call.Body;
        request.ResponseItems = ResponseItems.OneTensor;
        var (hasId, hasParameters, hasInputs, hasOutputs) = (false, false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("id"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasId, "id"))
                    request.Id = JsonText.ReadString(ref reader, "id");
            }
            else if (reader.ValueTextEquals("parameters"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasParameters, "parameters"))
                    ReadParameters(ref reader, request, body.Outputs);
            }
            else if (reader.ValueTextEquals("inputs"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasInputs, "inputs"))
                    ReadInputs(ref reader, request, json, body.Tensors, call.Signature);
            }
            else if (reader.ValueTextEquals("outputs"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasOutputs, "outputs"))
                    ReadOutputs(ref reader, request, body.Outputs);
            }
            else
            {
                reader.Skip();
            }
        }

        if (!hasInputs)
            throw InferenceException.InvalidRequest("\"inputs\" is missing.");
    }

    private static void ReadParameters(ref Utf8JsonReader reader, PredictionRequest request, OutputForms outputs)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, "parameters", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("binary_data_output"))
                outputs.IsBinaryByDefault = ReadBoolean(ref reader, "parameters.binary_data_output") ?? outputs.IsBinaryByDefault;
            else if (reader.ValueTextEquals(ContentType.Parameter))
                ContentType.ThrowIfUnsupportedInRequest(ReadContentType(ref reader, "parameters"));
            else
                ReadParameter(ref reader, request);
        }
    }

    private static void ReadParameter(ref Utf8JsonReader reader, PredictionRequest request)
    {
        // No known name has more bytes, so a longer name is not converted to a string.
        const int MaxNameLength = 16;
        var name = reader.ValueSpan.Length <= MaxNameLength ? reader.GetString()! : "";
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        var isSet = reader.TokenType is JsonTokenType.Number or JsonTokenType.String
            ? reader.ValueSpan.Length > 0 && !reader.ValueSpan.SequenceEqual("0"u8)
            : reader.TokenType != JsonTokenType.False;
        RequestParameters.Apply(request, name, ReadInteger(ref reader), isSet);
        reader.Skip();
    }

    /// <summary>Returns the current value; null when the value is not a whole number.</summary>
    private static long? ReadInteger(ref Utf8JsonReader reader) => JsonText.TryReadInteger(ref reader, out var value) ? value : null;

    /// <returns>Null when the value in JSON is null.</returns>
    private static string? ReadContentType(ref Utf8JsonReader reader, string path)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : JsonText.ReadString(ref reader, $"{path}.{ContentType.Parameter}");
    }

    private static void ReadInputs(
        ref Utf8JsonReader reader, PredictionRequest request, ReadOnlySpan<byte> json, Memory<byte> tensors, ModelSignature? signature)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, "inputs", "an array");
        var binary = new BinaryInputs(tensors);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var nameCheck = new InputNameCheck(request, signature);
            request.Inputs.Add(InputReader.Read(ref reader, json, binary, nameCheck, FormatPath("inputs", request.Inputs.Count)));
        }

        binary.ThrowIfBytesLeft();
    }

    private static void ReadOutputs(ref Utf8JsonReader reader, PredictionRequest request, OutputForms forms)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, "outputs", "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (request.Outputs.Count == InputNameCheck.MaxTensors)
                throw InferenceException.InvalidRequest($"The request has more than {InputNameCheck.MaxTensors} outputs.");
            var (name, isBinary, classes) = ReadOutput(ref reader, FormatPath("outputs", request.Outputs.Count));
            request.Outputs.Add(name);
            if (isBinary is { } value)
                forms.SetBinary(name, value);
            if (classes is { } count)
                forms.SetClassCount(name, count);
        }
    }

    private static (string Name, bool? IsBinary, int? Classes) ReadOutput(ref Utf8JsonReader reader, string path)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, path, "an object");
        string? name = null;
        (bool? IsBinary, int? Classes) form = default;
        var (hasName, hasParameters) = (false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("name"))
            {
                JsonText.ReadOnce(ref reader, ref hasName, $"{path}.name");
                name = JsonText.ReadString(ref reader, $"{path}.name");
            }
            else if (reader.ValueTextEquals("parameters"))
            {
                if (JsonText.TryReadOnce(ref reader, ref hasParameters, $"{path}.parameters"))
                    form = ReadForm(ref reader, path);
            }
            else
            {
                reader.Skip();
            }
        }

        return (name ?? throw InferenceException.InvalidRequest($"{path}.name is missing."), form.IsBinary, form.Classes);
    }

    private static (bool? IsBinary, int? Classes) ReadForm(ref Utf8JsonReader reader, string path)
    {
        bool? isBinary = null;
        int? classes = null;
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, $"{path}.parameters", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("binary_data"))
            {
                isBinary = ReadBoolean(ref reader, $"{path}.parameters.binary_data");
            }
            else if (reader.ValueTextEquals(OutputForms.ClassificationParameter))
            {
                reader.Read();
                classes = reader.TokenType == JsonTokenType.Null
                    ? null
                    : OutputForms.ParseClassCount(ReadInteger(ref reader), $"{path}.parameters");
            }
            else if (reader.ValueTextEquals(ContentType.Parameter))
            {
                ContentType.ThrowIfUnsupportedForOutput(ReadContentType(ref reader, $"{path}.parameters"), $"{path}.parameters");
            }
            else
            {
                RequestParameters.ThrowIfSharedMemory(ref reader, path);
                reader.Skip();
            }
        }

        return (isBinary, classes);
    }

    /// <returns>Null when the value in JSON is null.</returns>
    private static bool? ReadBoolean(ref Utf8JsonReader reader, string path)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Null ? null : JsonMembers.ReadBoolean(ref reader, path);
    }

    private static string FormatPath(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]");
}
