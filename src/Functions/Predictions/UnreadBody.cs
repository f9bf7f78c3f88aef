using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// Reads the rest of a refused body and drops it. A connection that is closed while its client sends is reset, and most clients then report
/// the reset instead of the response.
/// </summary>
internal static class UnreadBody
{
    /// <summary>
    /// How long to read. The server itself would read on for 5 s, which is too short for a large body while the server is busy.
    /// </summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Sends the response, and reads the body to its end or until the time limit.</summary>
    public static async Task DrainAsync(HttpContext http)
    {
        await http.Response.CompleteAsync().ConfigureAwait(false);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted);
        limit.CancelAfter(Limit);
        try
        {
            var body = http.Request.BodyReader;
            for (var isComplete = false; !isComplete;)
            {
                var read = await body.ReadAsync(limit.Token).ConfigureAwait(false);
                isComplete = read.IsCompleted;
                body.AdvanceTo(read.Buffer.End);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // The client has disconnected, sends for too long, or exceeds the maximum size. It has its response.
        }
    }
}
