using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;
using TensorPrimitives = System.Numerics.Tensors.TensorPrimitives;

namespace Inference.Protocols.Text;

/// <summary>Makes the embeddings of texts from a model's outputs.</summary>
internal static class TextPooler
{
    /// <summary>Pools the vectors of the tokens, applies the dense layers, and cuts and scales the embeddings.</summary>
    /// <returns>Embeddings of shape [texts, size], which the caller disposes; null when the model's own outputs are the result.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.RuntimeFailure"/>: the model has no output to pool. <see cref="InferenceError.InvalidRequest"/>: the
    /// model's embeddings have fewer values than requested.
    /// </exception>
    public static Tensor? Pool(Prediction prediction, TextBatch texts)
    {
        var (settings, options) = (prediction.Model.Text!, texts.Options);
        if (settings.Pooling == TextPooling.None && settings.Dense.IsEmpty && options is { Normalize: null, Dimensions: null })
            return null;
        var pooled = settings.Pooling == TextPooling.None
            ? FindVectors(prediction, texts.Count).Copy()
            : Pool(prediction, settings.Pooling, texts);
        try
        {
            pooled = DenseLayer.Apply(TextTokenizer.ForModel(prediction.Model).Dense, pooled);
            return CutAndScale(pooled, options.Normalize ?? settings.Normalize, options.Dimensions);
        }
        catch
        {
            pooled.Dispose();
            throw;
        }
    }

    /// <summary>Finds the model's own embeddings: its first FP32 output of rank 2 with a row for each text.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model has no such output.</exception>
    public static Tensor FindVectors(Prediction prediction, int count) =>
        prediction.FindFloats(rank: 2, rows: count)
        ?? throw new InferenceException(
            InferenceError.RuntimeFailure,
            $"The model returns no embeddings: it has no FP32 output of rank 2, and \"text.pooling\" of its {ModelSettings.FileName} is "
            + "\"none\".");

    /// <summary>Finds the vectors of the tokens: the model's first FP32 output of rank 3.</summary>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: the model has no such output.</exception>
    public static Tensor FindTokenVectors(Prediction prediction) =>
        prediction.FindFloats(rank: 3)
        ?? throw new InferenceException(
            InferenceError.RuntimeFailure,
            "The model has no FP32 output of rank 3, so it returns no token vectors to pool. Set \"text.pooling\" to \"none\".");

    /// <summary>Scales a vector to a unit vector. A vector of zeros has no direction and stays unchanged.</summary>
    private static void Normalize(Span<float> vector)
    {
        if (TensorPrimitives.Norm<float>(vector) is var norm and > 0)
            TensorPrimitives.Divide(vector, norm, vector);
    }

    private static Tensor Pool(Prediction prediction, TextPooling pooling, TextBatch texts)
    {
        var tokenVectors = FindTokenVectors(prediction);
        var (length, size) = ((int)tokenVectors.Shape[1], (int)tokenVectors.Shape[2]);
        var pooled = Tensor.Rent(ElementType.Float32, new Shape(texts.Count, size));
        for (var row = 0; row < texts.Count; row++)
        {
            var tokens = tokenVectors.Values<float>().Slice(row * length * size, texts.TokenCountOf(row) * size);
            Pool(tokens, pooling, pooled.Values<float>().Slice(row * size, size));
        }

        return pooled;
    }

    /// <param name="tokens">The vectors of the tokens, without padding.</param>
    private static void Pool(ReadOnlySpan<float> tokens, TextPooling pooling, Span<float> vector)
    {
        var size = vector.Length;
        (pooling == TextPooling.Last ? tokens[^size..] : tokens[..size]).CopyTo(vector);
        if (pooling is TextPooling.Cls or TextPooling.Last)
            return;
        for (var rest = tokens[size..]; !rest.IsEmpty; rest = rest[size..])
        {
            if (pooling == TextPooling.Max)
                TensorPrimitives.Max(vector, rest[..size], vector);
            else
                TensorPrimitives.Add(vector, rest[..size], vector);
        }

        if (pooling == TextPooling.Mean)
            TensorPrimitives.Divide(vector, tokens.Length / size, vector);
    }

    /// <summary>Cuts embeddings and scales them.</summary>
    /// <returns>The resulting embeddings. If embeddings are cut, <paramref name="vectors"/> is disposed.</returns>
    private static Tensor CutAndScale(Tensor vectors, bool isNormalized, int? dimensions)
    {
        var size = (int)vectors.Shape[1];
        if (dimensions > size)
        {
            throw InferenceException.InvalidRequest(
                $"dimensions is {dimensions}; the model's embeddings have {size} values. Send at most {size}.");
        }

        var keptSize = dimensions ?? size;
        var finished = keptSize == size ? vectors : Tensor.Rent(ElementType.Float32, new Shape(vectors.Shape[0], keptSize));
        for (var row = 0; row < vectors.Shape[0]; row++)
        {
            var vector = finished.Values<float>().Slice(row * keptSize, keptSize);
            if (keptSize < size)
                vectors.Values<float>().Slice(row * size, keptSize).CopyTo(vector);
            if (isNormalized)
                Normalize(vector);
        }

        if (keptSize < size)
            vectors.Dispose();
        return finished;
    }

    /// <summary>Throws if an embedding contains NaN or an infinity, which JSON cannot represent.</summary>
    /// <param name="vectors">FP32 of shape [texts, size].</param>
    /// <exception cref="InferenceException"><see cref="InferenceError.RuntimeFailure"/>: a value is not finite.</exception>
    public static void ThrowIfNotFinite(Tensor vectors, TextBatch texts)
    {
        var values = vectors.Values<float>();
        var size = (int)vectors.Shape[1];
        for (var at = 0; at < values.Length; at++)
        {
            if (!float.IsFinite(values[at]))
            {
                throw new InferenceException(
                    InferenceError.RuntimeFailure,
                    $"The embedding of {texts.PathOf(at / size)} is not finite: the model computed {values[at]} at index {at % size}. "
                    + "Check the weights of the model, and their precision.");
            }
        }
    }
}
