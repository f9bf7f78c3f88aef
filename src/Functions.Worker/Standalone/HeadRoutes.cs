using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>Maps HEAD for every function that handles GET (RFC 9110, section 9.3.2). The server omits the body of the response.</summary>
internal static class HeadRoutes
{
    /// <summary>Returns the methods that a function is mapped for. A function that declares HEAD handles HEAD requests itself.</summary>
    public static IEnumerable<string> MethodsOf(HttpTrigger trigger) =>
        trigger.Methods.Contains(HttpMethods.Get) && !trigger.Methods.Contains(HttpMethods.Head)
            ? [.. trigger.Methods, HttpMethods.Head]
            : trigger.Methods;
}
