using System.Runtime.InteropServices;
using Functions.Worker.Protocol;
using Functions.Worker.Registry;
using Google.Protobuf.Collections;

namespace Functions.Worker.Host;

/// <summary>Creates the replies that depend only on the app's functions and address.</summary>
internal static class HostReplies
{
    /// <summary>The capabilities of this worker. For most capabilities, the host only checks whether there is a value.</summary>
    private static readonly string[] Capabilities =
    [
        "RpcHttpBodyOnly",
        "RawHttpBodyBytes",
        "RpcHttpTriggerMetadataRemoved",
        "UseNullableValueDictionaryForHttp",
        "TypedDataCollection",
        "WorkerStatus",
        "HandlesWorkerTerminateMessage",
        "HandlesInvocationCancelMessage",
        "IncludeEmptyEntriesInMessagePayload",
        "EnableUserCodeException",
    ];

    public static WorkerInitResponse InitSucceeded(Uri httpUri)
    {
        var response = PlaceholderInitSucceeded();
        AddAddress(response.Capabilities, httpUri);
        return response;
    }

    /// <summary>Creates the reply of a placeholder: a worker that still waits for its app's settings, and so has no address.</summary>
    public static WorkerInitResponse PlaceholderInitSucceeded()
    {
        var response = new WorkerInitResponse { WorkerVersion = Version, WorkerMetadata = Metadata, Result = StatusResults.Success };
        AddCapabilities(response.Capabilities);
        return response;
    }

    public static WorkerInitResponse InitFailed(Exception reason) => new()
    {
        WorkerVersion = Version,
        WorkerMetadata = Metadata,
        Result = StatusResults.Failure(reason),
    };

    public static FunctionEnvironmentReloadResponse ReloadSucceeded(Uri httpUri)
    {
        var response = new FunctionEnvironmentReloadResponse { WorkerMetadata = Metadata, Result = StatusResults.Success };
        AddCapabilities(response.Capabilities);
        AddAddress(response.Capabilities, httpUri);
        return response;
    }

    public static FunctionMetadataResponse Functions(IEnumerable<FunctionDescriptor> functions)
    {
        var response = new FunctionMetadataResponse { UseDefaultMetadataIndexing = false, Result = StatusResults.Success };
        foreach (var function in functions)
        {
            response.FunctionMetadataResults.Add(new RpcFunctionMetadata
            {
                FunctionId = function.Id,
                Name = function.Name,
                EntryPoint = function.EntryPoint,
                ScriptFile = function.ScriptFile,
                Language = "dotnet-isolated",
                RawBindings = { function.RawBindings },
            });
        }

        return response;
    }

    private static string Version => typeof(HostReplies).Assembly.GetName().Version?.ToString(3) ?? "";

    /// <summary>
    /// The metadata of this worker. The values have the same form as those of Microsoft's worker, because operators see both workers in the
    /// same logs.
    /// </summary>
    private static WorkerMetadata Metadata => new()
    {
        RuntimeName = ".NET",
        RuntimeVersion = Environment.Version.ToString(),
        WorkerVersion = Version,
        WorkerBitness = RuntimeInformation.ProcessArchitecture.ToString(),
    };

    private static void AddCapabilities(MapField<string, string> capabilities)
    {
        foreach (var capability in Capabilities)
            capabilities[capability] = bool.TrueString;
    }

    private static void AddAddress(MapField<string, string> capabilities, Uri httpUri) => capabilities["HttpUri"] = httpUri.ToString();
}
