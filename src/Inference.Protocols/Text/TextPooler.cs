using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Inference.Protocols.Text;

/// <summary>Makes one vector a text of what a model gives for its tokens.</summary>
internal static class TextPooler
{
    /// <returns>[texts, size], the caller's to dispose; null when the model's own answer is the answer.</returns>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model has no output to pool.</exception>
    public static Tensor? Pool(Prediction prediction, TextBatch texts)
    {
        var settings = prediction.Model.Text!;
        if (settings.Pooling == TextPooling.None)
            return null;
        var hidden = prediction.Outputs.FirstOrDefault(output => output.Tensor is { Type: ElementType.Float32, Shape.Rank: 3 }).Tensor
            ?? throw new InferenceException(
                InferenceError.RuntimeFailure, "The model has no FP32 output of rank 3 to pool: its \"pooling\" must be \"none\".");
        var (length, size) = ((int)hidden.Shape[1], (int)hidden.Shape[2]);
        var pooled = Tensor.Rent(ElementType.Float32, new Shape(texts.Count, size));
        for (var row = 0; row < texts.Count; row++)
        {
            var tokens = hidden.Values<float>().Slice(row * length * size, length * size);
            var vector = pooled.Values<float>().Slice(row * size, size);
            Pool(tokens, settings.Pooling == TextPooling.Cls ? 1 : texts.LengthOf(row), vector);
            if (settings.Normalize)
                Normalize(vector);
        }

        return pooled;
    }

    /// <summary>To the length 1; a vector of zeros has no direction and stays.</summary>
    public static void Normalize(Span<float> vector)
    {
        if (TensorPrimitives.Norm<float>(vector) is var norm and > 0)
            TensorPrimitives.Divide(vector, norm, vector);
    }

    private static void Pool(ReadOnlySpan<float> tokens, int count, Span<float> vector)
    {
        vector.Clear();
        for (var token = 0; token < count; token++)
            TensorPrimitives.Add(vector, tokens.Slice(token * vector.Length, vector.Length), vector);
        TensorPrimitives.Divide(vector, count, vector);
    }
}
