using Inference.Tensors;

namespace Inference.Onnx.Preparation;

/// <summary>Whether two sessions are the same model.</summary>
internal static class OutputCheck
{
    /// <summary>The absolute and the relative tolerance: what another order of FP32 sums changes over some thousand terms.</summary>
    private const double Tolerance = 1e-4;

    /// <summary>Of dimensions that a model leaves open, tried in this order until the model takes one: images, audio, anything.</summary>
    private static readonly int[] Sizes = [32, 64, 256, 512, 8, 1];

    /// <summary>
    /// Runs both on the same made-up inputs. Returns false also when the model takes none of them in the time of a trial run: after a size
    /// that takes too long only smaller ones are tried.
    /// </summary>
    public static async Task<bool> AgreeAsync(
        OnnxSession source, OnnxSession candidate, TrialRuns runs, CancellationToken cancellationToken)
    {
        var tooLarge = int.MaxValue;
        foreach (var size in Sizes)
        {
            if (size >= tooLarge)
                continue;
            try
            {
                if (await AgreeAsync(source, candidate, size, runs, cancellationToken).ConfigureAwait(false) is { } agree)
                    return agree;
            }
            catch (TimeoutException)
            {
                tooLarge = size;
            }
        }

        return false;
    }

    /// <summary>Null when the model does not take inputs of this size.</summary>
    private static async Task<bool?> AgreeAsync(
        OnnxSession source, OnnxSession candidate, int size, TrialRuns runs, CancellationToken cancellationToken)
    {
        if (SampleInputs.Create(source.Signature, size) is not { } inputs)
            return false;
        int[] outputs = [.. Enumerable.Range(0, source.Signature.Outputs.Length)];
        Tensor[]? expected = null;
        Tensor[]? found = null;
        try
        {
            expected = await runs.OnOneSlotAsync(end => TryRun(source, inputs, outputs, end), cancellationToken).ConfigureAwait(false);
            if (expected is null)
                return null;
            found = await runs.OnOneSlotAsync(end => TryRun(candidate, inputs, outputs, end), cancellationToken).ConfigureAwait(false);
            return found is not null && expected.Zip(found).All(pair => AreClose(pair.Second, pair.First));
        }
        finally
        {
            foreach (var tensor in inputs.Concat(expected ?? []).Concat(found ?? []))
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

    private static bool AreClose(Tensor found, Tensor expected) =>
        TensorComparison.AreClose(found, expected, Tolerance, Tolerance, out _);
}
