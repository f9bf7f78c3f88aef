using System.Globalization;
using System.Text.Json;
using Functions.Worker.Protocol;
using Microsoft.AspNetCore.Routing;

namespace Functions.Worker.TestHost.Functions;

/// <summary>Creates the invocation requests that the host sends for triggers.</summary>
internal static class TriggerData
{
    /// <summary>Creates the request for a queue message. As in the host, texts are strings and all other values are JSON.</summary>
    public static InvocationRequest Queue(HostFunction function, string id, string body, int dequeueCount, DateTimeOffset now) => new()
    {
        FunctionId = function.Id,
        InputData = { new ParameterBinding { Name = function.TriggerName, Data = Text(body) } },
        TriggerMetadata =
        {
            ["QueueTrigger"] = Text(body),
            ["Id"] = Text(id),
            ["PopReceipt"] = Text(Guid.NewGuid().ToString("N")),
            ["DequeueCount"] = Json(dequeueCount.ToString(CultureInfo.InvariantCulture)),
            ["InsertionTime"] = Time(now),
            ["ExpirationTime"] = Time(now.AddDays(7)),
            ["NextVisibleTime"] = Time(now.AddMinutes(10)),
        },
    };

    /// <summary>Creates the request of POST admin/functions/{name}, which has no trigger metadata.</summary>
    public static InvocationRequest QueueByAdmin(HostFunction function, string input) => new()
    {
        FunctionId = function.Id,
        InputData = { new ParameterBinding { Name = function.TriggerName, Data = Text(input) } },
    };

    /// <summary>
    /// Creates the request for an HTTP invocation. It contains only the route values, because the host forwards the HTTP request
    /// separately.
    /// </summary>
    public static InvocationRequest Http(HostFunction function, RouteValueDictionary values)
    {
        var request = new InvocationRequest
        {
            FunctionId = function.Id,
            InputData = { new ParameterBinding { Name = function.TriggerName, Data = new TypedData { Http = new RpcHttp() } } },
        };
        foreach (var (name, value) in values)
        {
            if (Convert.ToString(value, CultureInfo.InvariantCulture) is { Length: > 0 } text)
                request.TriggerMetadata[name] = Text(text);
        }

        return request;
    }

    private static TypedData Text(string value) => new() { String = value };

    private static TypedData Json(string value) => new() { Json = value };

    private static TypedData Time(DateTimeOffset time) => Json(Quoted(time));

    private static string Quoted(DateTimeOffset time) => $"\"{JsonEncodedText.Encode(time.ToString("O", CultureInfo.InvariantCulture))}\"";
}
