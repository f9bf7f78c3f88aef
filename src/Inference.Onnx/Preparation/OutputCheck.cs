using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Checks whether two sessions compute the same model.</summary>
internal static class OutputCheck
{
    /// <summary>
    /// The absolute and the relative tolerance. FP32 sums of thousands of terms differ by about this much when the order of terms changes.
    /// </summary>
    private const double Tolerance = 1e-4;

    /// <summary>
    /// The sizes of dynamic dimensions that are tried, in this order, until the model accepts a size. These sizes are common for images,
    /// audio and other data.
    /// </summary>
    private static readonly int[] Sizes = [32, 64, 256, 512, 8, 1];

    /// <summary>
    /// Whether both sessions have the same results for the same generated inputs. The result is also false when no inputs can be generated,
    /// or when the model accepts none of them within the time of a trial run. After a size that takes too long, only smaller sizes are
    /// tried.
    /// </summary>
    public static async Task<bool> HaveEqualOutputsAsync(
        OnnxSession source, OnnxSession candidate, TrialRuns runs, CancellationToken cancellationToken)
    {
        var tooLargeSize = int.MaxValue;
        foreach (var size in Sizes)
        {
            if (size >= tooLargeSize)
                continue;
            try
            {
                if (await HaveEqualOutputsAsync(source, candidate, size, runs, cancellationToken).ConfigureAwait(false) is { } areEqual)
                    return areEqual;
            }
            catch (TimeoutException)
            {
                tooLargeSize = size;
            }
        }

        return false;
    }

    /// <summary>Compares the results for inputs of one size; returns null when the model does not accept the inputs.</summary>
    private static async Task<bool?> HaveEqualOutputsAsync(
        OnnxSession source, OnnxSession candidate, int size, TrialRuns runs, CancellationToken cancellationToken)
    {
        if (GeneratedInputs.Create(source.Signature, size) is not { } inputs)
            return false;
        int[] outputs = [.. Enumerable.Range(0, source.Signature.Outputs.Length)];
        Tensor[]? expected = null;
        Tensor[]? actual = null;
        try
        {
            expected = await runs.RunOnOneSlotAsync(token => TryRun(source, inputs, outputs, token), cancellationToken)
                .ConfigureAwait(false);
            if (expected is null)
                return null;
            actual = await runs.RunOnOneSlotAsync(token => TryRun(candidate, inputs, outputs, token), cancellationToken)
                .ConfigureAwait(false);
            return actual is not null && expected.Zip(actual).All(pair => AreClose(pair.Second, pair.First));
        }
        finally
        {
            foreach (var tensor in inputs.Concat(expected ?? []).Concat(actual ?? []))
                tensor.Dispose();
        }
    }

    private static Tensor[]? TryRun(OnnxSession session, Tensor[] inputs, int[] outputs, CancellationToken cancellationToken)
    {
        try
        {
            return session.Run(inputs, outputs, cancellationToken);
        }
        catch (InferenceException)
        {
            return null;
        }
    }

    private static bool AreClose(Tensor actual, Tensor expected) =>
        TensorComparison.AreClose(actual, expected, Tolerance, Tolerance, out _);
}
