using System.Diagnostics;

namespace Functions.Tests.Chaos;

/// <summary>
/// A run from the start of the process to its end: it measures the normal latency, makes chaos, and checks the server afterwards.
/// </summary>
internal sealed class ChaosRun(ChaosServer server, ChaosModels models, int seed, ChaosReport report)
{
    private const int Clients = 32, Samples = 21;

    /// <summary>
    /// The memory of the process besides models, in bytes: code, threads, connections, and the heap for the requests of all clients.
    /// </summary>
    private static readonly long Base = FunctionsProcess.IsPublished ? 320 << 20 : 512 << 20;

    /// <summary>The difference between two shortest latencies on the same machine that has no meaning.</summary>
    private static readonly TimeSpan Noise = TimeSpan.FromMilliseconds(20);

    /// <summary>The time from the first load of a model to the end of its measurement on an idle server.</summary>
    private static readonly TimeSpan Preparation = TimeSpan.FromSeconds(6);

    /// <summary>The time limit for the end of abandoned work, including measurements of models.</summary>
    private static readonly TimeSpan IdleLimit = TimeSpan.FromMinutes(2);

    /// <summary>The time limit for a shutdown: the server gives running requests 30 s, and then ends.</summary>
    private static readonly TimeSpan GraceLimit = TimeSpan.FromSeconds(40);

    private readonly HttpProtocol _quiet = server.Protocols().OfType<HttpProtocol>().First();

    public async Task RunAsync(TimeSpan duration)
    {
        await NoteMemoryAsync("at the start");
        var normal = await MeasureAsync();
        await NoteMemoryAsync("before the chaos");
        await MakeChaosAsync(duration);
        await NoteMemoryAsync("after the chaos");
        if (await server.BecomeIdleAsync(IdleLimit) is { } work)
            report.Fault("end", "slots", "used", work);
        await CheckReloadAsync();
        CheckTimes(normal, await MeasureAsync());
        await NoteMemoryAsync("at the end");
        await CheckMemoryAsync();
        await CheckTerminationAsync();
    }

    private async Task MakeChaosAsync(TimeSpan duration)
    {
        using var end = new CancellationTokenSource(duration);
        var protocols = server.Protocols().ToList();
        var running = Enumerable.Range(0, Clients)
            .Select(i => Client(protocols[i % protocols.Count], new Random(seed + i)).RunAsync(end.Token)).ToList();
        running.Add(Operator(1).ChangeAsync(end.Token));
        running.Add(Operator(2).AskAsync(end.Token));
        running.Add(Operator(3).AskAsync(end.Token));
        await Task.WhenAll(running);
        protocols.ForEach(protocol => protocol.Dispose());
    }

    private ChaosOperator Operator(int number) => new(server, models, new Random(seed - number), report);

    private ChaosClient Client(IChaosProtocol protocol, Random random)
    {
        var plan = new ChaosPlan(models, random);
        Func<ChaosCall> next = protocol switch
        {
            EmbeddingProtocol => plan.WordsCall,
            JobProtocol => plan.JobCall,
            _ => () => plan.Next(protocol.HasTimeout),
        };
        return new ChaosClient(protocol, next, random, report);
    }

    /// <summary>Measures the shortest latency of each good model while the clients and the operator are idle.</summary>
    private async Task<Dictionary<string, TimeSpan>> MeasureAsync()
    {
        var times = new Dictionary<string, TimeSpan>();
        foreach (var model in ChaosModels.Good)
            await AskAsync(model);
        // The server measures a model in the background some seconds after its first load. The latencies must not include this measurement.
        await Task.Delay(Preparation);
        await server.BecomeIdleAsync(IdleLimit);
        foreach (var model in ChaosModels.Good)
        {
            await AskAsync(model);
            var samples = new List<TimeSpan>();
            for (var isAnswered = true; isAnswered && samples.Count < Samples;)
            {
                var started = Stopwatch.GetTimestamp();
                isAnswered = await AskAsync(model);
                samples.Add(Stopwatch.GetElapsedTime(started));
            }

            // Other programs on the machine delay some requests, but not all.
            times[model] = samples.Min();
        }

        return times;
    }

    private async Task<bool> AskAsync(string model)
    {
        float[] row = [1, 2, 3, 4];
        var call = new ChaosCall(model, row, response => models.CheckGood(model, row, response), Refusals: [], Timeout: null, Leave: null);
        return await new ChaosClient(_quiet, () => call, new Random(seed), report).CallAsync(call);
    }

    private void CheckTimes(Dictionary<string, TimeSpan> before, Dictionary<string, TimeSpan> after)
    {
        foreach (var (model, normal) in before)
        {
            var text = FormattableString.Invariant(
                $"{after[model].TotalMilliseconds:F1} ms after the chaos, {normal.TotalMilliseconds:F1} ms before");
            report.Note($"{model}: {text}");
            if (after[model] > (2 * normal) + Noise)
                report.Fault("end", model, "slow", text);
        }
    }

    /// <summary>Checks that the server still serves changed models.</summary>
    private async Task CheckReloadAsync()
    {
        const float Factor = 1000;
        models.WriteScaling(ChaosModels.Swapped, 1, Factor);
        models.WriteScaling(ChaosModels.Versioned, ChaosModels.LastVersion, Factor);
        var started = Stopwatch.GetTimestamp();
        foreach (var model in (string[])[ChaosModels.Swapped, ChaosModels.Versioned])
        {
            while (!await IsServedAsync(model, Factor))
            {
                if (Stopwatch.GetElapsedTime(started) > IdleLimit)
                {
                    report.Fault("end", model, "not reloaded", $"A new file is not served after {IdleLimit.TotalSeconds} s.");
                    break;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100));
            }
        }
    }

    private async Task<bool> IsServedAsync(string model, float factor)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        try
        {
            return (await _quiet.SendAsync(model, [1, 2, 3, 4], timeout: null, limit.Token)).Values is [var first, ..] && first == factor;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task NoteMemoryAsync(string when)
    {
        var loaded = (await server.StatusAsync()).GetProperty("memory").GetProperty("models").GetInt64();
        report.Note($"{when}: {server.Process.ResidentBytes() >> 20} MiB resident, {loaded >> 20} MiB of models");
    }

    /// <summary>Checks that the process returns the memory of large requests a few seconds after the last of them.</summary>
    private async Task CheckMemoryAsync()
    {
        var limit = ChaosModels.Budget + Base;
        var started = Stopwatch.GetTimestamp();
        while (server.Process.ResidentBytes() > limit && Stopwatch.GetElapsedTime(started) < IdleLimit)
            await Task.Delay(TimeSpan.FromMilliseconds(100));
        if (server.Process.ResidentBytes() is var resident && resident > limit)
            report.Fault("end", "memory", "above the limit", $"{resident >> 20} MiB; {limit >> 20} MiB are allowed.");
    }

    /// <summary>Checks that running requests get responses after SIGTERM, and that the process ends in time.</summary>
    private async Task CheckTerminationAsync()
    {
        var row = new float[] { 1, 2, 3, 4 };
        var call = new ChaosCall(
            ChaosModels.Slow, row, response => ChaosModels.CheckSame(row, response), Refusals: [], Timeout: null, Leave: null);
        var client = new ChaosClient(_quiet, () => call, new Random(seed), report);
        await client.CallAsync(call);
        var running = Enumerable.Range(0, 4).Select(_ => client.CallAsync(call)).ToList();
        // A request has arrived when the server works on it, or when its call has ended.
        await server.Process.WaitUntilAsync(async () =>
            running.Count(one => one.IsCompleted) + await server.CountWorkAsync(ChaosModels.Slow) >= running.Count);
        var started = Stopwatch.GetTimestamp();
        server.Process.Terminate();
        await Task.WhenAll(running);
        try
        {
            var code = await server.Process.WaitForExitAsync().WaitAsync(GraceLimit);
            var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
            report.Note(FormattableString.Invariant($"SIGTERM: ended with {code} after {seconds:F1} s"));
            if (code != 0)
                report.Fault("end", "SIGTERM", $"exit code {code}", server.Process.LastOutput());
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            report.Fault("end", "SIGTERM", "not ended", $"The process runs {GraceLimit.TotalSeconds} s after the signal.");
        }
    }
}
