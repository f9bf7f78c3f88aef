using System.Globalization;

namespace Functions.Worker.TestHost;

/// <summary>The values that the host passes to a new worker.</summary>
public sealed record WorkerStart(Uri Address, string WorkerId, string RequestId)
{
    public const int MaxMessageLength = int.MaxValue;

    /// <summary>Returns the command-line arguments. Like the host, each value is passed in its older and its newer form.</summary>
    public IReadOnlyList<string> ToArguments()
    {
        var length = MaxMessageLength.ToString(CultureInfo.InvariantCulture);
        return
        [
            "--host", Address.Host,
            "--port", Address.Port.ToString(CultureInfo.InvariantCulture),
            "--workerId", WorkerId,
            "--requestId", RequestId,
            "--grpcMaxMessageLength", length,
            "--functions-uri", Address.ToString(),
            "--functions-worker-id", WorkerId,
            "--functions-request-id", RequestId,
            "--functions-grpc-max-message-length", length,
        ];
    }
}
