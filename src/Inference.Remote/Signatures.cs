using System.Globalization;
using System.Text.Json;
using Inference.Models;
using Inference.Remote.Calls;
using Inference.Tensors;

namespace Inference.Remote;

/// <summary>Creates signatures from the descriptions that servers return for their models.</summary>
internal static class Signatures
{
    /// <summary>The maximum number of inputs, and of outputs, in a server's description of a model.</summary>
    private const int MaxTensors = 1024;

    public static ModelSignature Create(IEnumerable<TensorSpec> inputs, IEnumerable<TensorSpec> outputs)
    {
        var signature = new ModelSignature([.. inputs], [.. outputs]);
        if (signature.Inputs.IsEmpty || signature.Outputs.IsEmpty)
            throw PeerException.CreateMalformedError("the model has no inputs or no outputs.");
        return signature;
    }

    public static TensorSpec CreateSpec(string name, ElementType type, Shape shape) =>
        new(name, type, shape, [.. Enumerable.Repeat("", shape.Rank)]);

    /// <summary>Returns a required member.</summary>
    public static JsonElement GetRequired(this JsonElement value, string name, JsonValueKind kind) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind == kind
            ? member
            : throw PeerException.CreateMalformedError($"its \"{name}\" is missing or not of the kind {kind}.");

    /// <summary>Reads inputs or outputs in the form of the Open Inference Protocol.</summary>
    public static IEnumerable<TensorSpec> ReadOpenInference(JsonElement model, string name)
    {
        var tensors = model.GetRequired(name, JsonValueKind.Array);
        if (tensors.GetArrayLength() > MaxTensors)
            throw PeerException.CreateMalformedError($"it has more than {MaxTensors} {name}.");
        foreach (var tensor in tensors.EnumerateArray())
        {
            yield return CreateSpec(
                tensor.GetRequired("name", JsonValueKind.String).GetString()!,
                ParseType(tensor.GetRequired("datatype", JsonValueKind.String).GetString()!),
                ParseShape([.. tensor.GetRequired("shape", JsonValueKind.Array).EnumerateArray().Select(ParseDimension)]));
        }
    }

    /// <summary>Parses an element type by its name in the Open Inference Protocol.</summary>
    public static ElementType ParseType(string name) =>
        ElementTypes.TryParse(name, out var type)
            ? type
            : throw PeerException.CreateMalformedError($"datatype \"{PeerText.ToOneLine(name)}\" is not known.");

    /// <summary>Creates the shape of an input or output. The shape may have dynamic dimensions (-1).</summary>
    public static Shape ParseShape(long[] dimensions)
    {
        return dimensions.Length <= Shape.MaxRank && Array.TrueForAll(dimensions, size => size >= Shape.Dynamic)
            ? new Shape(dimensions)
            : throw PeerException.CreateMalformedError($"{new Shape(dimensions)} is not a shape.");
    }

    /// <summary>Parses a dimension. Protobuf's JSON, which some servers write, has 64-bit numbers as strings.</summary>
    public static long ParseDimension(JsonElement value)
    {
        var text = value.ValueKind is JsonValueKind.Number or JsonValueKind.String ? value.ToString() : "";
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var size)
            ? size
            : throw PeerException.CreateMalformedError($"a shape contains {PeerText.ToOneLine(value.ToString())}.");
    }
}
