using System.Text.Json;
using Inference.Models;
using Inference.Protocols.Json;
using Inference.Serving;
using Inference.Tensors;

namespace Inference.Protocols.Predict;

/// <summary>
/// Reads <c>{"features": ...}</c> for a model with one input. The features are one item or an array of items; an item is
/// nested like the input's shape without its batch dimension, or flat in row-major order.
/// </summary>
public static class PredictReader
{
    private const string Features = "features";

    /// <exception cref="InferenceException"><see cref="InferenceError.InvalidRequest"/></exception>
    public static PredictionRequest Read(ReadOnlyMemory<byte> body, ModelSignature signature)
    {
        if (signature.Inputs.Length != 1)
        {
            throw InferenceException.InvalidRequest(
                $"\"{Features}\" feeds a model with one input; this one has {signature.Inputs.Length}: "
                + $"{string.Join(", ", signature.Inputs.Select(input => $"\"{input.Name}\""))}. Use the Open Inference call /v2/models/<model>/infer.");
        }

        return JsonText.ReadObject<PredictionRequest, ModelSignature>(body, signature, Read);
    }

    private static PredictionRequest Read(ref Utf8JsonReader reader, ReadOnlySpan<byte> body, ModelSignature signature)
    {
        using var builder = new TensorBuilder(signature.Inputs[0].Type);
        Shape? nesting = null;
        var seen = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!reader.ValueTextEquals(Features))
                throw InferenceException.InvalidRequest($"\"{JsonText.ReadString(ref reader, "A name")}\" is not known here; the body is {{\"{Features}\": [...]}}.");
            JsonText.ReadOnce(ref reader, ref seen, Features);
            nesting = JsonTensorReader.Read(ref reader, body, builder, Features);
        }

        var shape = ToShape(nesting ?? throw InferenceException.InvalidRequest($"\"{Features}\" is missing; the body is {{\"{Features}\": [...]}}."), signature);
        return new PredictionRequest { Inputs = { new RequestInput(signature.Inputs[0].Name, builder.Build(shape), Features) } };
    }

    /// <summary>The shape meant by a nesting; one that fits nothing stays as it is, for the check against the signature to refuse.</summary>
    private static Shape ToShape(Shape nesting, ModelSignature signature)
    {
        var spec = signature.Inputs[0].Shape;
        if (signature.Batch == BatchAxis.None)
            return nesting.Rank == 1 && spec.TryCount(out var elements) && elements == nesting[0] ? spec : nesting;

        var item = spec.Dimensions[1..];
        if (item.Length > 1 && Shape.TryCount(item, out var itemElements))
        {
            if (nesting.Rank == 1 && nesting[0] == itemElements)
                return spec.WithFirst(1);
            if (nesting.Rank == 2 && nesting[1] == itemElements)
                return spec.WithFirst(nesting[0]);
        }

        return nesting.Rank == item.Length ? new Shape([1, .. nesting.Dimensions]) : nesting;
    }
}
