using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>
/// Checks the result in a reply. Failure is the default value of the protocol, so a failure without an exception is a forgotten Success.
/// </summary>
internal static class StatusCheck
{
    public static void Check(string what, StatusResult? result, ProtocolViolations violations)
    {
        if (result is null)
            violations.Add($"{what} has no result: the host reads that as a failure.");
        else if (result.Status == StatusResult.Types.Status.Failure && string.IsNullOrEmpty(result.Exception?.Message))
            violations.Add($"{what} is a failure without an exception's message: was Success not set?");
    }
}
