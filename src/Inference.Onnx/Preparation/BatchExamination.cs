using Inference.Models;
using Inference.Models.Settings;
using Inference.Onnx.Graph;
using Inference.Onnx.Proof;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Finds out, while a model serves, whether its requests may share runs: proves from the graph that an item's result is its own, and tries
/// to refute that by runs.
/// </summary>
internal sealed class BatchExamination(TimeProvider time, ILogger logger)
{
    /// <summary>
    /// The time from the load to the examination. The request for which the model was loaded comes first. It is short, because requests do
    /// not share runs before.
    /// </summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    /// <summary>How long the first warm-up request is waited for. The model does not serve before.</summary>
    private static readonly TimeSpan SampleLimit = TimeSpan.FromSeconds(10);

    /// <summary>The verdict with which a session begins to serve.</summary>
    /// <param name="known">A verdict of an earlier examination; null without one.</param>
    public static BatchVerdict VerdictAtLoad(SessionSource source, ModelSignature signature, BatchVerdict? known)
    {
        if (source.Contract != ContractChoice.Proven || signature.ItemAxis == ItemAxis.Single)
            return BatchVerdict.Unexamined;
        if (known is not null && (known.Layout is not { } layout || Fits(layout, signature)))
            return known;
        return source.Journaled?.Unprepared is { } reason ? BatchVerdict.NotProven(BatchReasons.Forbidden(reason)) : BatchVerdict.Pending;
    }

    /// <summary>Gives a session its verdict. The session's stays pending when it is about to be disposed.</summary>
    /// <returns>The verdict, if it can be kept for later loads; else null.</returns>
    /// <exception cref="OperationCanceledException">The session is about to be disposed.</exception>
    public async Task<BatchVerdict?> RunAsync(SessionSource source, OnnxSession session, TrialRuns runs, CancellationToken stop)
    {
        BatchFinding finding;
        try
        {
            await Task.Delay(Delay, time, stop).ConfigureAwait(false);
            finding = await ExamineAsync(source, session, runs, stop).ConfigureAwait(false);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            logger.ExaminationFailed(e, source.Id);
            finding = new BatchFinding(BatchVerdict.NotProven(BatchReasons.Failed), IsFinal: false);
        }

        logger.ModelExamined(source.Id, finding.Verdict.Kind, finding.Verdict.Reason);
        session.BatchVerdict = finding.Verdict;
        return finding.IsFinal ? finding.Verdict : null;
    }

    private async Task<BatchFinding> ExamineAsync(SessionSource source, OnnxSession session, TrialRuns runs, CancellationToken stop)
    {
        var proof = await PreparationThread.RunAsync(source, () => Prove(source.Path, session.Signature, stop), stop).ConfigureAwait(false);
        if (proof.Layout is not { } layout)
            return new BatchFinding(proof, IsFinal: true);
        var samples = source.HasSamples ? await TakeSamplesAsync(session.Samples, stop).ConfigureAwait(false) : [];
        try
        {
            return await new BatchMeasurement(session, layout, runs, time).MeasureAsync(samples, stop).ConfigureAwait(false);
        }
        finally
        {
            foreach (var tensor in samples.SelectMany(static sample => sample))
                tensor.Dispose();
        }
    }

    private async Task<Tensor[][]> TakeSamplesAsync(OwnerSamples samples, CancellationToken stop)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(samples.First, Task.Delay(SampleLimit, time, end.Token)).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return samples.Take();
    }

    private static BatchVerdict Prove(string modelPath, ModelSignature signature, CancellationToken cancellationToken)
    {
        try
        {
            return BatchProver.Prove(OnnxModelReader.Read(modelPath, cancellationToken), signature, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            return BatchVerdict.NotProven($"The graph of the model cannot be read: {Quote.LongMessage(e.Message)}");
        }
    }

    private static bool Fits(BatchLayout layout, ModelSignature signature) =>
        layout.Inputs.Length == signature.Inputs.Length && layout.Outputs.Length == signature.Outputs.Length;
}
