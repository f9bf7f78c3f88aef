using System.Text.Json.Nodes;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Tensors;

namespace Functions.OpenApi;

/// <summary>Example values for a model's inputs, in the smallest shapes that the model declares.</summary>
internal static class TensorExamples
{
    /// <summary>The maximum number of elements of an example's tensor, which is enough for an image of 28 x 28 pixels.</summary>
    private const int MaxElements = 1024;

    /// <summary>Returns nested values by the names of the inputs; null when an input is too large for an example.</summary>
    public static JsonObject? CreateNamed(ModelSignature signature) => IsTooLarge(signature)
        ? null
        : new JsonObject(signature.Inputs.Select(static input =>
            KeyValuePair.Create<string, JsonNode?>(input.Name, CreateNested(input, GetSmallestShape(input).Dimensions))));

    /// <summary>Returns the inputs of an Open Inference request; null when an input is too large for an example.</summary>
    public static JsonArray? CreateOpenInference(ModelSignature signature) => IsTooLarge(signature)
        ? null
        : new JsonArray([.. signature.Inputs.Select(static input => new JsonObject
        {
            ["name"] = input.Name,
            ["datatype"] = input.Type.Name(),
            ["shape"] = new JsonArray([.. GetSmallestShape(input).Dimensions.ToArray().Select(static size => (JsonNode)size)]),
            ["data"] = CreateNested(input, [GetSmallestShape(input).ElementCount]),
        })]);

    private static bool IsTooLarge(ModelSignature signature) =>
        signature.Inputs.Any(static input => GetSmallestShape(input).ElementCount > MaxElements);

    private static Shape GetSmallestShape(TensorSpec input) =>
        new([.. input.ShapeForProtocols.Dimensions.ToArray().Select(static size => size == Shape.Dynamic ? 1 : size)]);

    private static JsonNode CreateNested(TensorSpec input, ReadOnlySpan<long> shape)
    {
        if (shape.IsEmpty)
            return CreateValue(input);
        var values = new JsonArray();
        for (var i = 0L; i < shape[0]; i++)
            values.Add(CreateNested(input, shape[1..]));
        return values;
    }

    /// <summary>
    /// Returns one value. An integer is 1, which is valid as a mask, a size and a token id. A token type id is 0, because some models have
    /// only the type 0.
    /// </summary>
    private static JsonNode CreateValue(TensorSpec input) => input.Type switch
    {
        ElementType.Bool => false,
        ElementType.Bytes => "text",
        _ => input.Type.IsInteger() && input.Name != TokenInput.Types ? 1 : 0,
    };
}
