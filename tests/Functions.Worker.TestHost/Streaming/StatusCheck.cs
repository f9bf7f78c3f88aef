using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// Checks the result in a reply. Failure is the default value in the protocol. So a failure without an exception means that the worker did
/// not set Success.
/// </summary>
internal static class StatusCheck
{
    public static void Check(string replyName, StatusResult? result, ProtocolViolations violations)
    {
        if (result is null)
            violations.Add($"{replyName} has no result: the host reads that as a failure.");
        else if (result.Status == StatusResult.Types.Status.Failure && string.IsNullOrEmpty(result.Exception?.Message))
            violations.Add($"{replyName} is a failure without an exception's message: was Success not set?");
    }
}
