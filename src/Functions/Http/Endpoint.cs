using Functions.Hosting;
using Inference;
using Inference.Models;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Predict;
using Inference.Serving;
using Microsoft.AspNetCore.Http;

namespace Functions.Http;

/// <summary>What the HTTP functions share: a body in, a prediction, a body out, and every error told in the route's style.</summary>
public sealed class Endpoint(Predictor predictor, Settings settings)
{
    /// <summary>Features in, predictions out.</summary>
    public async Task<IResult> PredictAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var (name, number) = (ModelName.Parse(model), ParseVersion(model, version));
            using var body = await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            using var prediction = await predictor.PredictAsync(name, number, body.Written, PredictReader.Read, cancellationToken).ConfigureAwait(false);
            return JsonBody.Create(prediction, static (buffer, prediction) => PredictWriter.Write(buffer, prediction));
        }
        catch (Exception e) when (ErrorResults.IsTold(e))
        {
            return ErrorResults.From(e, ErrorStyle.Problem);
        }
    }

    /// <summary>An infer call of the Open Inference Protocol v2, with its binary tensor data extension.</summary>
    public async Task<IResult> InferAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var (name, number) = (ModelName.Parse(model), ParseVersion(model, version));
            using var bytes = await InferRequest.ReadAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            var prediction = await predictor.PredictAsync(name, number, bytes.Body, OpenInferenceReader.Read, cancellationToken).ConfigureAwait(false);
            return InferResult.Create(prediction, bytes.Body.Outputs);
        }
        catch (Exception e) when (ErrorResults.IsTold(e))
        {
            return ErrorResults.From(e, ErrorStyle.Message);
        }
    }

    /// <summary>For functions that are called too seldom to mind a closure.</summary>
    public static async Task<IResult> GuardAsync(ErrorStyle style, Func<Task<IResult>> handle)
    {
        try
        {
            return await handle().ConfigureAwait(false);
        }
        catch (Exception e) when (ErrorResults.IsTold(e))
        {
            return ErrorResults.From(e, style);
        }
    }

    public static long? ParseVersion(string model, string? version)
    {
        if (version is null)
            return null;
        return ModelVersion.TryParseNumber(version, out var number)
            ? number
            : throw new InferenceException(InferenceError.ModelNotFound, $"Model {model} has no such version: versions are whole numbers from 1.");
    }
}
