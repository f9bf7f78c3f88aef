using System.Globalization;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Functions.Grpc;

/// <summary>
/// Refuses calls whose deadline has passed. Clients send such calls with a timeout of zero or one nanosecond. The gRPC library ignores the
/// timeout, so the call would run without a deadline.
/// </summary>
internal static class ExpiredDeadline
{
    /// <summary>The header with the remaining time: up to eight digits and a unit, for example <c>20m</c> for 20 milliseconds.</summary>
    private const string Timeout = "grpc-timeout";

    /// <summary>Refuses the calls of an endpoint.</summary>
    public static void AddTo(EndpointBuilder endpoint)
    {
        var next = endpoint.RequestDelegate;
        endpoint.RequestDelegate = http => HasPassed(http.Request.Headers[Timeout]) ? Refuse(http.Response) : next!(http);
    }

    private static bool HasPassed(string? timeout) =>
        timeout is [.. var digits, var unit]
        && uint.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
        && (value == 0 || (unit == 'n' && value < TimeSpan.NanosecondsPerTick));

    private static Task Refuse(HttpResponse response)
    {
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = ((int)StatusCode.DeadlineExceeded).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = "The deadline of the call had passed when the call arrived.";
        return Task.CompletedTask;
    }
}
