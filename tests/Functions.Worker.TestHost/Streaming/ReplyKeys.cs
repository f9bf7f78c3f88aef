using Functions.Worker.Protocol;

namespace Functions.Worker.TestHost.Streaming;

/// <summary>Creates the keys of replies: the kind of the reply and, if there can be several of that kind, an id.</summary>
internal static class ReplyKeys
{
    public static string ForKind(StreamingMessage.ContentOneofCase response) => response.ToString();

    public static string Load(string functionId) => $"{StreamingMessage.ContentOneofCase.FunctionLoadResponse} of {functionId}";

    public static string Status(string requestId) => $"{StreamingMessage.ContentOneofCase.WorkerStatusResponse} to {requestId}";
}
