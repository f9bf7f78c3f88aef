using System.Globalization;

namespace Functions.Worker.TestHost;

/// <summary>What the host tells the worker it starts.</summary>
public sealed record WorkerStart(Uri Address, string WorkerId, string RequestId)
{
    public const int MaxMessageLength = int.MaxValue;

    /// <summary>The older and the newer form, as the host passes both.</summary>
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
