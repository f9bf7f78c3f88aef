using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Functions.Worker.Registry;

/// <summary>
/// Calls an HTTP function. The caller executes the returned result. The result is empty when the function has already written the response.
/// </summary>
public delegate ValueTask<IResult> HttpFunction(HttpContext http, FunctionContext context);
