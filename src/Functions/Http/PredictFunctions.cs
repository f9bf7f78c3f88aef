using Functions.Predictions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>Predictions in this server's own simple format, such as <c>{"features":[5.1,3.5]}</c>.</summary>
public sealed class PredictFunctions(InferenceHandlers handlers)
{
    [Function("Predict")]
    public Task<IResult> PredictAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/predict")] HttpRequest request,
        string model,
        CancellationToken cancellationToken) =>
        handlers.PredictAsync(request, model, version: null, cancellationToken);

    [Function("PredictVersion")]
    public Task<IResult> PredictVersionAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{model}/versions/{version}/predict")] HttpRequest request,
        string model,
        string version,
        CancellationToken cancellationToken) =>
        handlers.PredictAsync(request, model, version, cancellationToken);
}
