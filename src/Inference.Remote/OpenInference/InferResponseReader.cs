using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Protocols.OpenInference;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote.OpenInference;

/// <summary>Reads the response to an infer call: JSON, followed by the outputs that the JSON declares as binary data.</summary>
internal static class InferResponseReader
{
    /// <returns>Tensors with their own memory, in the requested order.</returns>
    /// <exception cref="PeerException">The response does not match the request.</exception>
    public static Tensor[] Read(ReadOnlyMemory<byte> json, Memory<byte> tensors, ModelSignature signature, IReadOnlyList<int> outputs)
    {
        try
        {
            using var responseOutputs = JsonText.ReadObject<ResponseOutputs, Memory<byte>>(json, tensors, Read);
            return responseOutputs.Copy(signature, outputs);
        }
        catch (InferenceException e)
        {
            throw PeerException.CreateMalformedError(PeerText.ToOneLine(e.Message), e);
        }
    }

    private static ResponseOutputs Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Memory<byte> tensors)
    {
        var responseOutputs = new ResponseOutputs();
        try
        {
            var hasOutputs = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (!reader.ValueTextEquals("outputs"))
                {
                    reader.Skip();
                    continue;
                }

                JsonText.ReadOnce(ref reader, ref hasOutputs, "outputs");
                ReadOutputs(ref reader, json, tensors, responseOutputs);
            }

            return hasOutputs ? responseOutputs : throw PeerException.CreateMalformedError("\"outputs\" is missing.");
        }
        catch
        {
            responseOutputs.Dispose();
            throw;
        }
    }

    private static void ReadOutputs(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> json, Memory<byte> tensors, ResponseOutputs responseOutputs)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, "outputs", "an array");
        var binary = new BinaryInputs(tensors);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            // An output has the same format as an input.
            var output = InputReader.Read(
                ref reader, json, binary, nameCheck: default,
                string.Create(CultureInfo.InvariantCulture, $"outputs[{responseOutputs.Count}]"));
            responseOutputs.Add(output.Name, output.Tensor);
        }

        binary.ThrowIfBytesLeft();
    }
}
