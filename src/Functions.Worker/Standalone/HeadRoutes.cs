using Functions.Worker.Registry;
using Microsoft.AspNetCore.Http;

namespace Functions.Worker.Standalone;

/// <summary>
/// Lets every function that takes GET also take HEAD (RFC 9110, section 9.3.2): the server leaves out the body of the response.
/// </summary>
internal static class HeadRoutes
{
    /// <summary>The methods that a function is mapped for. A function that takes HEAD itself keeps it to itself.</summary>
    public static IEnumerable<string> MethodsOf(HttpTrigger trigger) =>
        trigger.Methods.Contains(HttpMethods.Get) && !trigger.Methods.Contains(HttpMethods.Head)
            ? [.. trigger.Methods, HttpMethods.Head]
            : trigger.Methods;
}
