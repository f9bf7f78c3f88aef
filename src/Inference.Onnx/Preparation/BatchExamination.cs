using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Settings;
using Inference.Onnx.Graph;
using Inference.Onnx.Proof;
using Inference.Tensors;
using Microsoft.Extensions.Logging;

namespace Inference.Onnx.Preparation;

/// <summary>
/// Decides, while a model serves, whether its requests may share runs. A run has one or more items: the entries of a batch, such as images.
/// First, a proof from the graph shows that an item's result does not depend on other items. Then, trial runs search for a counterexample.
/// </summary>
internal sealed class BatchExamination(TimeProvider time, ILogger logger)
{
    /// <summary>
    /// The time from the load to the examination. The delay lets the first request run. The delay is short, because requests do not share
    /// runs before the verdict. There is no delay for a version that handles requests only after its verdict.
    /// </summary>
    public static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// The maximum time to wait for the first warm-up request. Until that request has run, the model does not serve, so no request waits
    /// for the verdict.
    /// </summary>
    private static readonly TimeSpan MaxSampleWait = TimeSpan.FromSeconds(10);

    /// <summary>Returns the verdict of a session when the session starts to serve.</summary>
    /// <param name="knownVerdict">The verdict of an earlier examination; null for none.</param>
    public static BatchVerdict GetInitialVerdict(SessionSource source, ModelSignature signature, BatchVerdict? knownVerdict)
    {
        if (source.Contract != ContractChoice.Proven || signature.ItemAxis == ItemAxis.Single)
            return BatchVerdict.Unexamined;
        if (knownVerdict is not null && (knownVerdict.Layout is not { } layout || Matches(layout, signature)))
            return knownVerdict;
        return source.Journaled?.PreparationObstacle is { } reason ? BatchVerdict.NotProven(BatchReasons.Forbidden(reason))
            : BatchVerdict.Pending;
    }

    /// <summary>
    /// Sets the verdict of a session. If the settings request padding, a second verdict is set, which also says whether inputs may be
    /// padded to equal lengths. The verdict stays unchanged when the session is about to be disposed.
    /// </summary>
    /// <returns>The verdict without the result for padding, if the verdict can be kept for later loads; otherwise null.</returns>
    /// <exception cref="OperationCanceledException">The session is about to be disposed.</exception>
    public async Task<BatchVerdict?> RunAsync(SessionSource source, OnnxSession session, TrialRuns runs, CancellationToken stop)
    {
        await Task.WhenAny(Task.Delay(Delay, time, stop), session.ExaminationBegun).ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        var samples = source.HasSamples ? WaitForSamplesAsync(session.WarmUpInputs, stop) : Task.FromResult<IReadOnlyList<Tensor[]>>([]);
        try
        {
            var result = new ExaminationResult(session.BatchVerdict, IsFinal: true);
            if (session.BatchVerdict.Kind == BatchVerdictKind.Pending)
            {
                result = await ExamineAsync(source, session, runs, samples, stop).ConfigureAwait(false);
                logger.ModelExamined(source.Id, result.Verdict.Kind, result.Verdict.Reason);
                session.BatchVerdict = result.Verdict;
            }

            if (result.Verdict.Layout is { } layout && !source.GetPadding(session.Signature).IsEmpty)
            {
                session.BatchVerdict = await ExaminePaddingAsync(source, session, layout, runs, await samples.ConfigureAwait(false), stop)
                    .ConfigureAwait(false);
            }

            return result.IsFinal ? result.Verdict : null;
        }
        finally
        {
            session.WarmUpInputs.DisposeSamples();
        }
    }

    private async Task<ExaminationResult> ExamineAsync(
        SessionSource source, OnnxSession session, TrialRuns runs, Task<IReadOnlyList<Tensor[]>> samples, CancellationToken stop)
    {
        try
        {
            var model = await ReadAsync(source, stop).ConfigureAwait(false);
            var proof = await PreparationThread.RunAsync(source, () => BatchProver.Prove(model, session.Signature, stop), stop)
                .ConfigureAwait(false);
            if (proof.Layout is not { } layout)
                return new ExaminationResult(proof, IsFinal: true);
            var trials = new ItemTrials(session, layout, runs, time) { Precision = GetPrecision(model) };
            return await new BatchMeasurement(session, layout, trials)
                .MeasureAsync(await samples.ConfigureAwait(false), stop).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            return new ExaminationResult(
                BatchVerdict.NotProven($"The graph of the model cannot be read: {Quote.ShortenLongMessage(e.Message)}"), IsFinal: true);
        }
        catch (Exception e) when (!stop.IsCancellationRequested)
        {
            logger.ExaminationFailed(e, source.Id);
            return new ExaminationResult(BatchVerdict.NotProven(BatchReasons.Failed), IsFinal: false);
        }
    }

    /// <summary>Decides whether inputs of a model with a proven contract may be padded.</summary>
    private async Task<BatchVerdict> ExaminePaddingAsync(
        SessionSource source, OnnxSession session, BatchLayout layout, TrialRuns runs, IReadOnlyList<Tensor[]> samples,
        CancellationToken stop)
    {
        var model = await ReadAsync(source, stop).ConfigureAwait(false);
        var trials = new ItemTrials(session, layout, runs, time) { Precision = GetPrecision(model) };
        var measurement = new PaddingMeasurement(session, layout, source.GetPadding(session.Signature), trials);
        var obstacle = source.FindPaddingProblem(session.Signature)
            ?? await measurement.FindObstacleAsync(samples, stop).ConfigureAwait(false);
        if (obstacle is not null)
            logger.PaddingNotUsed(source.Id, obstacle);
        return BatchVerdict.Proven(layout) with { AllowsPadding = obstacle is null, PaddingObstacle = obstacle };
    }

    private async Task<IReadOnlyList<Tensor[]>> WaitForSamplesAsync(WarmUpInputs samples, CancellationToken stop)
    {
        using var waitCancellation = CancellationTokenSource.CreateLinkedTokenSource(stop);
        await Task.WhenAny(samples.FirstOffered, Task.Delay(MaxSampleWait, time, waitCancellation.Token)).ConfigureAwait(false);
        await waitCancellation.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
        return samples.Samples;
    }

    private static Task<OnnxModel> ReadAsync(SessionSource source, CancellationToken stop) =>
        PreparationThread.RunAsync(source, () => OnnxModelReader.Read(source.Path, stop), stop);

    /// <summary>
    /// Returns the precision of the model's sums. Weights of lower precision make sums less precise, even if the outputs have a type of
    /// higher precision. The numbers in the code are values of TensorProto.DataType.
    /// </summary>
    private static ElementType GetPrecision(OnnxModel model) =>
        model.WeightTypes.Contains(16) ? ElementType.BFloat16
        : model.WeightTypes.Contains(10) ? ElementType.Float16 : ElementType.Float32;

    private static bool Matches(BatchLayout layout, ModelSignature signature) =>
        layout.Inputs.Length == signature.Inputs.Length && layout.Outputs.Length == signature.Outputs.Length;
}
