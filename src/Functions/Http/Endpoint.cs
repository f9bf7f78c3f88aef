using System.Buffers;
using Functions.Hosting;
using Inference;
using Inference.Models;
using Inference.Serving;
using Microsoft.AspNetCore.Http;

namespace Functions.Http;

/// <summary>What the HTTP functions share: a body in, a prediction, a body out, and every error told in the route's style.</summary>
public sealed class Endpoint(Predictor predictor, Settings settings)
{
    public Task<IResult> PredictAsync(
        HttpRequest request,
        string model,
        string? version,
        Func<ReadOnlyMemory<byte>, ModelSignature, PredictionRequest> read,
        Action<IBufferWriter<byte>, Prediction> write,
        ErrorStyle style,
        CancellationToken cancellationToken) => GuardAsync(style, async () =>
        {
            var (name, number) = (ModelName.Parse(model), ParseVersion(model, version));
            using var body = await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            using var prediction = await predictor.PredictAsync(name, number, body.Written, read, cancellationToken).ConfigureAwait(false);
            return JsonBody.Create(buffer => write(buffer, prediction));
        });

    public static async Task<IResult> GuardAsync(ErrorStyle style, Func<Task<IResult>> handle)
    {
        try
        {
            return await handle().ConfigureAwait(false);
        }
        catch (InferenceException e)
        {
            return ErrorResults.From(e, style);
        }
        catch (BadHttpRequestException e)
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
