using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>What an answer is known by: its kind, and which one when there can be several.</summary>
internal static class ReplyKeys
{
    public static string Of(StreamingMessage.ContentOneofCase answer) => answer.ToString();

    public static string Load(string functionId) => $"{StreamingMessage.ContentOneofCase.FunctionLoadResponse} of {functionId}";

    public static string Status(string requestId) => $"{StreamingMessage.ContentOneofCase.WorkerStatusResponse} to {requestId}";
}
