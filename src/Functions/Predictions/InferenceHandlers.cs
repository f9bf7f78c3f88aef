using Functions.Hosting.Configuration;
using Inference;
using Inference.Catalog;
using Inference.Models;
using Inference.Protocols;
using Inference.Protocols.OpenInference;
using Inference.Protocols.Predict;
using Inference.Protocols.Text;
using Inference.Protocols.TextEmbeddings;
using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// Handlers shared by the HTTP functions: they read the request body, run the prediction, and write the response or the error in the
/// route's format.
/// </summary>
public sealed class InferenceHandlers(Predictor predictor, Settings settings)
{
    /// <summary>Runs a predict call with features, text or an image as input.</summary>
    public async Task<IResult> PredictAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var (name, selector) = (ModelName.Parse(model), RequestedVersion.Select(request, model, version));
            if (ImageBody.CanBeImage(request))
                return await PredictImageAsync(request, name, selector, cancellationToken).ConfigureAwait(false);
            using var json = await ReadJsonAsync(request, name, selector, cancellationToken).ConfigureAwait(false);
            if (ImageBody.FindUntyped(request, json.Written) is { } image)
                return await PredictImageAsync(image, name, selector, cancellationToken).ConfigureAwait(false);
            var body = new PredictBody(json.Written);
            using var prediction =
                await predictor.PredictAsync(name, selector, body, PredictReader.Read, cancellationToken).ConfigureAwait(false);
            await LargeBodyThreads.WaitForTurnIfLargeAsync(prediction).ConfigureAwait(false);
            return BodyResult.Create((prediction, body.Format), static (buffer, state) =>
                PredictWriter.Write(buffer, state.prediction, state.Format));
        }
        catch (Exception e) when (ErrorResults.IsHandled(e))
        {
            return ErrorResults.From(e.InnerException as BadHttpRequestException ?? e, ErrorStyle.Problem);
        }
    }

    /// <summary>Runs an infer call of the Open Inference Protocol v2, with its binary tensor data extension.</summary>
    public async Task<IResult> InferAsync(HttpRequest request, string model, string? version, CancellationToken cancellationToken)
    {
        try
        {
            var (name, selector) = (ModelName.Parse(model), RequestedVersion.Select(request, model, version));
            using var inferRequest = await InferRequest.ReadAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            var prediction = await predictor.PredictAsync(name, selector, inferRequest.Body, static (body, model) =>
                OpenInferenceReader.Read(body, model.Signature), cancellationToken).ConfigureAwait(false);
            await LargeBodyThreads.WaitForTurnIfLargeAsync(prediction).ConfigureAwait(false);
            return InferResult.Create(Classification.Apply(prediction, inferRequest.Body.Outputs), inferRequest.Body.Outputs);
        }
        catch (Exception e) when (ErrorResults.IsHandled(e))
        {
            return ErrorResults.From(e, ErrorStyle.Message);
        }
    }

    /// <summary>Runs a call with texts, and writes the response in the format of the call's protocol.</summary>
    /// <param name="model">The model that the address names; null when the body names the model.</param>
    /// <param name="read">Reads the body.</param>
    public Task<IResult> RunTextCallAsync(
        HttpRequest request, string? model, Func<ReadOnlyMemory<byte>, TextCall> read, ErrorStyle style,
        CancellationToken cancellationToken) =>
        GuardAsync(style, async () =>
        {
            using var json = await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
            var call = read(json.Written);
            var name = model is null ? ModelName.ParseRepository(call.Model!) : ModelName.Parse(model);
            return await RunTextCallAsync(name, RequestedVersion.Select(request, name.Value, version: null), call, cancellationToken)
                .ConfigureAwait(false);
        });

    /// <summary>
    /// Runs a call of the route <c>/models/{model}</c>. The body is JSON, or an image as in <see cref="PredictAsync"/>.
    /// </summary>
    public Task<IResult> RunModelCallAsync(HttpRequest request, string model, CancellationToken cancellationToken) =>
        GuardAsync(ErrorStyle.TextEmbeddings, async () =>
        {
            var (name, selector) = (ModelName.Parse(model), RequestedVersion.Select(request, model, version: null));
            if (ImageBody.CanBeImage(request))
                return await PredictImageAsync(request, name, selector, cancellationToken).ConfigureAwait(false);
            using var json = await ReadJsonAsync(request, name, selector, cancellationToken).ConfigureAwait(false);
            return ImageBody.FindUntyped(request, json.Written) is { } image
                ? await PredictImageAsync(image, name, selector, cancellationToken).ConfigureAwait(false)
                : await RunTextCallAsync(name, selector, ModelCall.Read(json.Written), cancellationToken).ConfigureAwait(false);
        });

    private async Task<IResult> RunTextCallAsync(
        ModelName name, VersionSelector selector, TextCall call, CancellationToken cancellationToken)
    {
        using var prediction = await predictor
            .PredictAsync(name, selector, call, static (call, model) => call.ToRequest(model), cancellationToken).ConfigureAwait(false);
        await LargeBodyThreads.WaitForTurnIfLargeAsync(prediction).ConfigureAwait(false);
        return BodyResult.Create((prediction, call), static (buffer, state) => state.call.Write(buffer, state.prediction));
    }

    private async Task<PooledBuffer> ReadJsonAsync(
        HttpRequest request, ModelName name, VersionSelector selector, CancellationToken cancellationToken)
    {
        try
        {
            return await RequestBody.ReadJsonAsync(request, settings.MaxBodySize, cancellationToken).ConfigureAwait(false);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status415UnsupportedMediaType && !RequestBody.IsJson(request))
        {
            // The error names the formats that the model accepts, so the model must be loaded.
            using var unused = await predictor
                .PredictAsync(name, selector, (e, request.ContentType), ImageBody.ThrowUnsupported, cancellationToken)
                .ConfigureAwait(false);
            throw;
        }
    }

    private async Task<IResult> PredictImageAsync(
        HttpRequest request, ModelName name, VersionSelector selector, CancellationToken cancellationToken)
    {
        using var body = await RequestBody.ReadAsync(request, settings.MaxBodySize, offset: 0, cancellationToken).ConfigureAwait(false);
        return await PredictImageAsync(
            ImageBody.FromRequest(request, body.Written), name, selector, cancellationToken).ConfigureAwait(false);
    }

    private async Task<IResult> PredictImageAsync(
        ImageBody image, ModelName name, VersionSelector selector, CancellationToken cancellationToken)
    {
        using var prediction = await predictor.PredictAsync(name, selector, image, ImageBody.Read, cancellationToken).ConfigureAwait(false);
        await LargeBodyThreads.WaitForTurnIfLargeAsync(prediction).ConfigureAwait(false);
        return BodyResult.Create(prediction, static (buffer, prediction) => PredictWriter.Write(buffer, prediction, new ResponseFormat()));
    }

    /// <summary>
    /// Runs a handler and turns its failures into responses. The handler is a closure that each call allocates. <see cref="PredictAsync"/>
    /// and <see cref="InferAsync"/> avoid this allocation with their own catch blocks.
    /// </summary>
    public static async Task<IResult> GuardAsync(ErrorStyle style, Func<Task<IResult>> handle)
    {
        try
        {
            return await handle().ConfigureAwait(false);
        }
        catch (Exception e) when (ErrorResults.IsHandled(e))
        {
            return ErrorResults.From(e.InnerException as BadHttpRequestException ?? e, style);
        }
    }
}
