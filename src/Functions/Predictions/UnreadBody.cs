using Microsoft.AspNetCore.Http;

namespace Functions.Predictions;

/// <summary>
/// Reads what a caller still sends of a body that was refused, and drops it. A connection that is closed while its client sends is reset,
/// and most clients then report the reset instead of the response.
/// </summary>
internal static class UnreadBody
{
    /// <summary>Longer than the server itself would read on, which is 5 s: too short for a large body while the server is busy.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Sends the response, and reads the body to its end, or for as long as the limit.</summary>
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
            // The client has left, sends for too long, or sends more than the server takes: it has its response.
        }
    }
}
