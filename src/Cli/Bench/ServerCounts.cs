using System.Text.Json;

namespace Cli.Bench;

/// <summary>A server's counters for all versions of a model since its start. Times are nanoseconds of all requests together.</summary>
internal sealed record ServerCounts(long Requests, long Runs, long Total, long Queue, long Compute)
{
    public static ServerCounts Read(JsonElement statistics)
    {
        var sum = new ServerCounts(0, 0, 0, 0, 0);
        foreach (var model in statistics.GetProperty("model_stats").EnumerateArray())
        {
            var stats = model.GetProperty("inference_stats");
            sum = new ServerCounts(
                sum.Requests + stats.GetProperty("success").GetProperty("count").GetInt64(),
                sum.Runs + model.GetProperty("execution_count").GetInt64(),
                sum.Total + Nanoseconds(stats, "success"),
                sum.Queue + Nanoseconds(stats, "queue"),
                sum.Compute + Nanoseconds(stats, "compute_input") + Nanoseconds(stats, "compute_infer")
                + Nanoseconds(stats, "compute_output"));
        }

        return sum;
    }

    /// <summary>Returns the average milliseconds of one request since earlier counters; null without requests in between.</summary>
    public ServerSplit? Since(ServerCounts before)
    {
        var requests = Requests - before.Requests;
        return requests <= 0 ? null : new ServerSplit(
            Milliseconds(Total - before.Total, requests),
            Milliseconds(Queue - before.Queue, requests),
            Milliseconds(Compute - before.Compute, requests),
            Runs == before.Runs ? 0 : (double)requests / (Runs - before.Runs));
    }

    private static double Milliseconds(long nanoseconds, long requests) => nanoseconds / 1e6 / requests;

    private static long Nanoseconds(JsonElement stats, string name) => stats.GetProperty(name).GetProperty("ns").GetInt64();
}

/// <summary>The average times of one request in a server.</summary>
/// <param name="Total">Milliseconds in the server, without reading the body and writing the response.</param>
/// <param name="Queue">The part of them spent waiting for a slot.</param>
/// <param name="Compute">The part of them spent in the model.</param>
/// <param name="RequestsPerRun">The number of requests that shared a run.</param>
internal sealed record ServerSplit(double Total, double Queue, double Compute, double RequestsPerRun);
