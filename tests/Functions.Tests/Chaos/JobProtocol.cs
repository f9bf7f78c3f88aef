using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

namespace Functions.Tests.Chaos;

/// <summary>Submits a job over HTTP, and reads its state until the job has ended.</summary>
internal sealed class JobProtocol(HttpClient client) : IChaosProtocol
{
    /// <summary>The time between two reads of a job's state.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public string Name => "job";

    public bool HasTimeout => false;

    /// <summary>The time for a job. The queue makes five attempts, 10 s apart, if the model does not load (host.json).</summary>
    public TimeSpan Patience { get; } = ChaosClient.Patience + TimeSpan.FromSeconds(5 * 10);

    public async Task<ChaosReply> SendAsync(string model, float[] row, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var body = new StringContent($$"""{"features":[{{HttpProtocol.Text(row)}}]}""", Encoding.UTF8, "application/json");
        using var submitted = await client.PostAsync(new Uri($"/models/{model}/jobs", UriKind.Relative), body, cancellationToken);
        if (submitted.StatusCode != HttpStatusCode.Accepted)
            return ChaosReply.Refusal((int)submitted.StatusCode, await submitted.Content.ReadAsStringAsync(cancellationToken));
        while (true)
        {
            var job = await client.GetFromJsonAsync<JsonElement>(submitted.Headers.Location, cancellationToken);
            switch (job.GetProperty("status").GetString())
            {
                case "succeeded":
                    return ChaosReply.Answer(HttpProtocol.Rows(job.GetProperty("result").GetProperty("predictions")));
                case "failed":
                    return Failed(job.GetProperty("error"));
            }

            // The server sends no signal when a job ends, so its state is polled.
            await Task.Delay(Interval, cancellationToken);
        }
    }

    public void Dispose() => client.Dispose();

    private static ChaosReply Failed(JsonElement error)
    {
        var status = error.GetProperty("code").GetString() switch
        {
            "overloaded" or "outOfMemory" => 429,
            "modelUnavailable" or "storeUnavailable" or "remoteUnavailable" or "serverStopping" => 503,
            "deadlineExceeded" => 504,
            "runtimeFailure" or "invalidRequest" or "invalidJson" or "invalidName" or "invalidShape" or "invalidType"
                or "requestTooLarge" => 400,
            _ => 500,
        };
        return ChaosReply.Refusal(status, error.ToString());
    }
}
