using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>Failure is the wire's default, so what was forgotten reads as one: a real one has an exception.</summary>
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
