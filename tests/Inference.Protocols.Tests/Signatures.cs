using System.Text;
using Inference.Models;
using Inference.Requests;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Protocols.Tests;

internal static class Signatures
{
    /// <summary>Creates a signature with one input x and one output y of the same shape. A dynamic first dimension is the batch.</summary>
    public static ModelSignature Of(ElementType type, params long[] shape)
    {
        var symbols = shape.Select((dimension, axis) => dimension == Shape.Dynamic ? $"d{axis}" : "").ToArray();
        return new ModelSignature(
            [new TensorSpec("x", type, new Shape(shape), [.. symbols])],
            [new TensorSpec("y", type, new Shape(shape), [.. symbols])]);
    }

    /// <summary>Creates a signature with FP32 inputs of rank 1 and dynamic size, and without outputs.</summary>
    public static ModelSignature Named(params string[] inputs) =>
        new([.. inputs.Select(name => new TensorSpec(name, ElementType.Float32, new Shape(-1), [""]))], []);

    public static Model Model(ModelSignature signature, params string[] labels) =>
        new(new ModelId(ModelName.Parse("m"), 3), signature, [.. labels]);

    public static ReadOnlyMemory<byte> Utf8(string json) => Encoding.UTF8.GetBytes(json);

    public static Prediction CreatePrediction(ModelSignature signature, string[] labels, params NamedTensor[] outputs) =>
        new(Model(signature, labels), id: null, outputs);

    public static void AssertInvalid(string expectedMessage, Func<PredictionRequest> read)
    {
        var exception = Assert.Throws<InferenceException>(() => read().Dispose());
        Assert.Equal(InferenceError.InvalidRequest, exception.Error);
        AssertText.Contains(expectedMessage, exception.Message);
    }
}
