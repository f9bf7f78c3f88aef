using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Tests.Functions;

public sealed class GateFunctions(Gate gate)
{
    [Function("Wait")]
    public async Task<IResult> Wait(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "wait")] HttpRequest request, CancellationToken cancellationToken)
    {
        await gate.PassAsync(cancellationToken);
        return Results.Text("done");
    }

    /// <summary>Sends its headers at once, so that a test in another process notices that the function runs.</summary>
    [Function("WaitForBody")]
    public async Task WaitForBody([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "wait-for-body")] HttpRequest request)
    {
        await request.HttpContext.Response.Body.FlushAsync();
        await request.Body.CopyToAsync(request.HttpContext.Response.Body);
    }
}
