using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Http;

internal sealed class ProblemResult(int status, string code, string detail) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => Problem.WriteAsync(httpContext, status, code, detail);
}
