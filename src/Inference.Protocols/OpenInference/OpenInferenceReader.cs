using System.Globalization;
using System.Text.Json;
using Inference.Protocols.Json;
using Inference.Serving;

namespace Inference.Protocols.OpenInference;

/// <summary>
/// Reads the JSON body of an Open Inference v2 infer call. What the protocol leaves to extensions and is not known here is
/// passed over, as the protocol asks.
/// </summary>
public static class OpenInferenceReader
{
    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public static PredictionRequest Read(ReadOnlyMemory<byte> body) =>
        JsonText.ReadObject(body, (ref reader) => Read(ref reader, body.Length));

    private static PredictionRequest Read(ref Utf8JsonReader reader, int bodyLength)
    {
        var request = new PredictionRequest();
        try
        {
            var (id, parameters, inputs, outputs) = (false, false, false, false);
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("id"))
                {
                    JsonText.ReadOnce(ref reader, ref id, "id");
                    request.Id = JsonText.ReadString(ref reader, "id");
                }
                else if (reader.ValueTextEquals("parameters"))
                {
                    JsonText.ReadOnce(ref reader, ref parameters, "parameters");
                    ReadParameters(ref reader, request);
                }
                else if (reader.ValueTextEquals("inputs"))
                {
                    JsonText.ReadOnce(ref reader, ref inputs, "inputs");
                    ReadInputs(ref reader, request, bodyLength);
                }
                else if (reader.ValueTextEquals("outputs"))
                {
                    JsonText.ReadOnce(ref reader, ref outputs, "outputs");
                    ReadOutputs(ref reader, request);
                }
                else
                {
                    reader.Skip();
                }
            }

            return inputs ? request : throw InferenceException.InvalidRequest("\"inputs\" is missing.");
        }
        catch
        {
            request.Dispose();
            throw;
        }
    }

    private static void ReadParameters(ref Utf8JsonReader reader, PredictionRequest request)
    {
        Expect(ref reader, JsonTokenType.StartObject, "parameters", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTimeout = reader.ValueTextEquals("timeout");
            reader.Read();
            if (isTimeout)
                request.Timeout = ReadTimeout(ref reader);
            else
                reader.Skip();
        }
    }

    /// <summary>Triton's schedule policy: microseconds, 0 for none.</summary>
    private static TimeSpan? ReadTimeout(ref Utf8JsonReader reader)
    {
        const long MaxMicroseconds = 24L * 3600 * 1_000_000;
        if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var microseconds) || microseconds is < 0 or > MaxMicroseconds)
            throw InferenceException.InvalidRequest("parameters.timeout is not a whole number of microseconds from 0 to a day.");
        return microseconds == 0 ? null : TimeSpan.FromMicroseconds(microseconds);
    }

    private static void ReadInputs(ref Utf8JsonReader reader, PredictionRequest request, int bodyLength)
    {
        Expect(ref reader, JsonTokenType.StartArray, "inputs", "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            request.Inputs.Add(InputReader.Read(ref reader, Indexed("inputs", request.Inputs.Count), bodyLength));
    }

    private static void ReadOutputs(ref Utf8JsonReader reader, PredictionRequest request)
    {
        Expect(ref reader, JsonTokenType.StartArray, "outputs", "an array");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var path = Indexed("outputs", request.Outputs.Count);
            Expect(ref reader, JsonTokenType.StartObject, path, "an object");
            string? name = null;
            var seen = false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (reader.ValueTextEquals("name"))
                {
                    JsonText.ReadOnce(ref reader, ref seen, $"{path}.name");
                    name = JsonText.ReadString(ref reader, $"{path}.name");
                }
                else
                {
                    reader.Skip();
                }
            }

            request.Outputs.Add(name ?? throw InferenceException.InvalidRequest($"{path}.name is missing."));
        }
    }

    internal static void Expect(ref Utf8JsonReader reader, JsonTokenType token, string path, string expected)
    {
        if (reader.TokenType != token)
            throw JsonText.Unexpected(ref reader, path, expected);
    }

    private static string Indexed(string name, int index) => string.Create(CultureInfo.InvariantCulture, $"{name}[{index}]");
}
