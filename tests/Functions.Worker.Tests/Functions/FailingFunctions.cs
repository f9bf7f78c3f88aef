using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Tests.Functions;

public sealed class FailingFunctions
{
    [Function("Fail")]
    public IResult Fail([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fail")] HttpRequest request) =>
        throw new InvalidOperationException("secret reason");

    [Function("FailLate")]
    public async Task FailLate([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "fail-late")] HttpRequest request)
    {
        await request.HttpContext.Response.WriteAsync("half of ");
        await request.HttpContext.Response.Body.FlushAsync();
        throw new InvalidOperationException("secret reason");
    }

    [Function("Refuse")]
    public IResult Refuse([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "refuse")] HttpRequest request) =>
        throw new BadHttpRequestException("too much", StatusCodes.Status413PayloadTooLarge);

    [Function("Missing")]
    public IResult Missing([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "missing")] HttpRequest request) =>
        Results.StatusCode(StatusCodes.Status404NotFound);
}
