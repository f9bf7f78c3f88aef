using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Tests.Functions;

public static class GuardedFunctions
{
    [Function("FunctionLevel")]
    public static IResult FunctionLevel(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "guarded/function")] HttpRequest request) =>
        Results.Text("in");

    [Function("AdminLevel")]
    public static IResult AdminLevel([HttpTrigger(AuthorizationLevel.Admin, "get", Route = "guarded/admin")] HttpRequest request) =>
        Results.Text("in");

    [Function("SystemLevel")]
    public static IResult SystemLevel([HttpTrigger(AuthorizationLevel.System, "get", Route = "guarded/system")] HttpRequest request) =>
        Results.Text("in");
}
