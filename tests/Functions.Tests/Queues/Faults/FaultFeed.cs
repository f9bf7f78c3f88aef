using System.Collections.Concurrent;
using System.Net;
using System.Text;

namespace Functions.Tests.Queues.Faults;

/// <summary>
/// Requests predictions: every third as a job over HTTP, the others as messages. A job is sent again until a server accepts it.
/// </summary>
internal sealed class FaultFeed(PredictionScenario scenario)
{
    private readonly ConcurrentBag<string> _jobs = [];
    private int _sent;

    public int Sent => _sent;

    /// <summary>The servers that accept jobs now; empty during an outage, in which servers refuse jobs.</summary>
    public IReadOnlyList<FaultServer> Servers { get; set; } = [];

    public IEnumerable<string> Ids => Enumerable.Range(0, _sent).Select(Id);

    public IEnumerable<string> Jobs => _jobs.Order(StringComparer.Ordinal);

    public Task SendAsync(int messages)
    {
        var first = _sent;
        _sent += messages;
        return Parallel.ForAsync(first, _sent, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, token) =>
        {
            if (i % 3 == 2 && Servers.Count > 0)
                await SubmitAsync(i);
            else
                await scenario.Queue.SendMessageAsync(PredictionScenario.CreateMessage(Id(i), i), token);
        });
    }

    private static string Id(int i) => $"m{i}";

    private async Task SubmitAsync(int i)
    {
        for (var attempt = i; ; attempt++)
        {
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/models/fixed_batch/jobs", UriKind.Relative))
                {
                    Content = new StringContent($"{{\"features\":[[{i},{i},{i},{i}]]}}", Encoding.UTF8, "application/json"),
                };
                request.Headers.Add("Idempotency-Key", Id(i));
                using var response = await Servers[attempt % Servers.Count].Process.Client.SendAsync(request);
                if (response.IsSuccessStatusCode)
                {
                    _jobs.Add(Id(i));
                    return;
                }

                Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            }
            catch (Exception e) when (e is HttpRequestException or ObjectDisposedException or OperationCanceledException)
            {
                // The server was killed, or has not started again yet.
            }

            await Task.Delay(100);
        }
    }
}
