using System.Text.Json;

namespace Cli.Bench;

/// <summary>
/// The counters of a server since its start, summed over the reported versions of a model. Times are nanoseconds, summed over all requests.
/// </summary>
internal sealed record ServerCounts(long Requests, long Runs, long Total, long Queue, long Compute)
{
    /// <param name="statistics">The response of the Open Inference Protocol's statistics extension.</param>
    public static ServerCounts Read(JsonElement statistics)
    {
        var sum = new ServerCounts(0, 0, 0, 0, 0);
        foreach (var model in statistics.GetProperty("model_stats").EnumerateArray())
        {
            var stats = model.GetProperty("inference_stats");
            sum = new ServerCounts(
                sum.Requests + stats.GetProperty("success").GetProperty("count").GetInt64(),
                sum.Runs + model.GetProperty("execution_count").GetInt64(),
                sum.Total + ReadNanoseconds(stats, "success"),
                sum.Queue + ReadNanoseconds(stats, "queue"),
                sum.Compute + ReadNanoseconds(stats, "compute_input") + ReadNanoseconds(stats, "compute_infer")
                + ReadNanoseconds(stats, "compute_output"));
        }

        return sum;
    }

    /// <summary>
    /// Returns the averages of the requests that completed after <paramref name="before"/> was read; null when no request completed.
    /// </summary>
    public ServerAverages? GetAveragesSince(ServerCounts before)
    {
        var requests = Requests - before.Requests;
        return requests <= 0 ? null : new ServerAverages(
            GetAverageMilliseconds(Total - before.Total, requests),
            GetAverageMilliseconds(Queue - before.Queue, requests),
            GetAverageMilliseconds(Compute - before.Compute, requests),
            Runs == before.Runs ? 0 : (double)requests / (Runs - before.Runs));
    }

    private static double GetAverageMilliseconds(long nanoseconds, long requests) => nanoseconds / 1e6 / requests;

    private static long ReadNanoseconds(JsonElement stats, string name) => stats.GetProperty(name).GetProperty("ns").GetInt64();
}

/// <summary>The average times of one request in a server.</summary>
/// <param name="Total">
/// Milliseconds from the time the request has the loaded model until the response is written. Receiving the body is not included.
/// </param>
/// <param name="Queue">Milliseconds of waiting for a compute slot. The number of slots is the maximum number of concurrent runs.</param>
/// <param name="Compute">Milliseconds for reading the request, running the model and writing the response.</param>
/// <param name="RequestsPerRun">The average number of requests in one run; 0 when no run completed.</param>
internal sealed record ServerAverages(double Total, double Queue, double Compute, double RequestsPerRun);
