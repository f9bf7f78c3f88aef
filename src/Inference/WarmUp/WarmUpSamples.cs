using System.Text;
using Inference.Models;
using Inference.Models.Settings;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.WarmUp;

/// <summary>Runs the warm-up samples of a model's settings on its new session. A model that fails on a sample is not accepted.</summary>
/// <param name="read">Reads the requests of the samples. When null, a sample with a request is refused.</param>
public sealed class WarmUpSamples(RequestReader? read)
{
    /// <summary>Runs the samples one after the other.</summary>
    /// <exception cref="FileProblemsException">A sample is not a request for this model.</exception>
    /// <exception cref="InferenceException"><see cref="InferenceError.ModelUnavailable"/>: the model fails on a sample.</exception>
    public async Task RunAsync(Model model, IModelSession session, IEnumerable<WarmupSample> samples, CancellationToken cancellationToken)
    {
        foreach (var sample in samples)
        {
            try
            {
                await RunAsync(model, session, sample, cancellationToken).ConfigureAwait(false);
            }
            catch (InferenceException e) when (e.Error != InferenceError.Overloaded)
            {
                var inputs = sample.Request is null
                    ? "generated inputs"
                    : $"the sample at {ModelSettings.FileName}:{sample.Line}:{sample.Column}";
                throw new InferenceException(
                    InferenceError.ModelUnavailable, $"Model {model.Id} fails its warm-up on {inputs}: {e.Message}", e)
                {
                    Cause = sample.Request is null ? null : FailureCause.Settings,
                };
            }
        }
    }

    private async Task RunAsync(Model model, IModelSession session, WarmupSample sample, CancellationToken cancellationToken)
    {
        if (sample.Request is not { } body)
        {
            for (var run = 0; run < sample.Count; run++)
                await ZeroRun.RunAsync(session, cancellationToken).ConfigureAwait(false);
            return;
        }

        using var request = ReadRequest(body, sample, model, cancellationToken, out var inputs, out var outputs);
        for (var run = 0; run < sample.Count; run++)
        {
            foreach (var tensors in SplitIntoRuns(session.Signature, inputs))
            {
                (await session.RunAsync(tensors, outputs, Deadline.None, cancellationToken).ConfigureAwait(false)).DisposeAll();
                session.OfferSample(tensors);
            }
        }
    }

    private PredictionRequest ReadRequest(
        string body, WarmupSample sample, Model model, CancellationToken cancellationToken, out Tensor[] inputs, out int[] outputs)
    {
        PredictionRequest? request = null;
        try
        {
            request = (read ?? throw CreateNoReaderError())(Encoding.UTF8.GetBytes(body), model);
            request.CompleteInputs(cancellationToken);
            inputs = RequestCheck.ResolveInputs(model.Signature, request);
            model.Limits?.ThrowIfExceeded(inputs);
            outputs = RequestCheck.ResolveOutputs(model.Signature, request);
            return request;
        }
        catch (InferenceException e) when (e.Error != InferenceError.Overloaded)
        {
            request?.Dispose();
            throw new FileProblemsException([new FileProblem(ModelSettings.FileName, sample.Line, sample.Column, sample.Path, e.Message)]);
        }
    }

    private static InferenceException CreateNoReaderError() => InferenceException.InvalidRequest(
        "This server cannot read requests in warm-up samples. Remove \"request\" from the sample.");

    /// <summary>Splits the items into runs, for a model that accepts one item per run.</summary>
    private static IEnumerable<Tensor[]> SplitIntoRuns(ModelSignature signature, Tensor[] inputs)
    {
        if (signature.ItemAxis != ItemAxis.Single)
            return [inputs];
        return Enumerable.Range(0, (int)inputs[0].Shape[0]).Select(item => Array.ConvertAll(inputs, input => input.Rows(item, 1)));
    }
}
