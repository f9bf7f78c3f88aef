using Functions.Hosting;
using Inference.Protocols.OpenInference;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>Probes, plain and in the Open Inference form.</summary>
public sealed class HealthFunctions(Readiness readiness)
{
    [Function("HealthLive")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) => LiveState();

    [Function("HealthReady")]
    public IResult Ready([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request) => ReadyState();

    [Function("OpenInferenceLive")]
    public IResult OpenInferenceLive([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/health/live")] HttpRequest request) => LiveState();

    [Function("OpenInferenceReady")]
    public IResult OpenInferenceReady([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/health/ready")] HttpRequest request) => ReadyState();

    private static JsonBody LiveState() => JsonBody.Create(buffer => OpenInferenceWriter.WriteServerState(buffer, live: true, ready: null, reason: null));

    private JsonBody ReadyState()
    {
        var (ready, reason) = (readiness.IsReady, readiness.Reason);
        return JsonBody.Create(
            buffer => OpenInferenceWriter.WriteServerState(buffer, live: true, ready, reason),
            ready ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}
