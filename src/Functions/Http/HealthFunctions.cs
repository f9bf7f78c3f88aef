using Functions.Hosting;
using Functions.Predictions;
using Inference.Protocols.OpenInference;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Http;

/// <summary>The health probes: the plain probes, and the probes of the Open Inference Protocol.</summary>
public sealed class HealthFunctions(Liveness liveness, Readiness readiness)
{
    [Function("HealthLive")]
    public IResult Live([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/live")] HttpRequest request) => CheckLive();

    [Function("HealthReady")]
    public IResult Ready([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health/ready")] HttpRequest request) => CheckReady();

    [Function("OpenInferenceLive")]
    public IResult OpenInferenceLive([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/health/live")] HttpRequest request) =>
        CheckLive();

    [Function("OpenInferenceReady")]
    public IResult OpenInferenceReady([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "v2/health/ready")] HttpRequest request) =>
        CheckReady();

    private BodyResult CheckLive() => CreateResponse(liveness.IsLive, isReady: null, reason: null);

    private BodyResult CheckReady() => CreateResponse(liveness.IsLive, readiness.IsReady, readiness.Reason);

    private static BodyResult CreateResponse(bool isLive, bool? isReady, string? reason)
    {
        var isServing = isLive && isReady != false;
        var body = BodyResult.Create(
            buffer => OpenInferenceWriter.WriteServerState(buffer, isLive, isReady, reason),
            isServing ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
        return isServing ? body : body.AsError(ServerErrorCodes.NotReady, retryAfter: null);
    }
}
