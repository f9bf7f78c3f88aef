using Inference.Protocols.OpenInference;
using Inference.Serving;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Hosting;

namespace Functions.Http;

/// <summary>
/// Probes, plain and in the Open Inference form. Ready means that requests are taken: from when the models are loaded that their
/// settings want loaded at the start, until the shutdown begins. The others load on demand, and one that does not is its own
/// answer's business.
/// </summary>
public sealed class HealthFunctions(IHostApplicationLifetime lifetime, ModelReloader reloader)
{
    [Function("HealthLive")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) => LiveState();

    [Function("HealthReady")]
    public IResult Ready([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request) => ReadyState();

    [Function("OpenInferenceLive")]
    public IResult OpenInferenceLive([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/health/live")] HttpRequest request) => LiveState();

    [Function("OpenInferenceReady")]
    public IResult OpenInferenceReady([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/health/ready")] HttpRequest request) => ReadyState();

    private static JsonBody LiveState() => JsonBody.Create(buffer => OpenInferenceWriter.WriteServerState(buffer, live: true, ready: null));

    private JsonBody ReadyState()
    {
        var ready = reloader.Preloaded.IsCompleted && !lifetime.ApplicationStopping.IsCancellationRequested;
        return JsonBody.Create(
            buffer => OpenInferenceWriter.WriteServerState(buffer, live: true, ready),
            ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
