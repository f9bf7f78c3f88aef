using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Http;

/// <summary>A response with an error in the format of <see cref="Problem"/>.</summary>
internal sealed class ProblemResult(int status, string code, string detail) : IResult
{
    public Task ExecuteAsync(HttpContext httpContext) => Problem.WriteAsync(httpContext, status, code, detail);
}
