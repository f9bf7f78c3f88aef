using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests the real executable under limits of the system.</summary>
public sealed class LimitTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";
    private const string Exhausted = "file descriptors that the process may open are in use";

    private readonly ModelFolder _folder = new();
    private readonly TempFolder _cache = new();

    public LimitTests() => _folder.WriteScaling("scaling", 1, 2);

    [Fact]
    public async Task Connections_MoreThanDescriptors_AreWarnedOfOnceCostNothingAndTheServerRecovers()
    {
        // The build with a JIT compiler alone opens two hundred files.
        const int Limit = 400;
        await using var process = await FunctionsProcess.StartLimitedAsync(
            string.Create(CultureInfo.InvariantCulture, $"ulimit -n {Limit}"), ("Models__Source", _folder.Path));
        await process.PostJsonAsync("/models/scaling/predict", Features);
        var connections = new List<Socket>();
        for (var i = 0; i < Limit + 20; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, process.Client.BaseAddress!.Port);
            connections.Add(socket);
        }

        await process.WaitForOutputAsync(Exhausted);
        var before = process.ProcessorTime();
        var watch = Stopwatch.StartNew();
        await Task.Delay(TimeSpan.FromSeconds(2));
        var (spent, passed) = (process.ProcessorTime() - before, watch.Elapsed);
        connections.ForEach(connection => connection.Dispose());
        await process.PostJsonAsync("/models/scaling/predict", Features);

        // On a busy machine the delay lasts longer. A loop would use a whole processor.
        Assert.True(spent < passed / 5, $"{spent.TotalMilliseconds} ms of processor time within {passed.TotalMilliseconds} ms.");
        Assert.Equal(2, process.Output.Split(Exhausted).Length);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"all {Limit} {Exhausted}"), process.Output, StringComparison.Ordinal);
    }

    [PublishedTheory]
    [InlineData(600_000_000)]
    [InlineData(999_000_000)]
    public async Task Start_TooLittleAddressSpace_SaysSo(long limit)
    {
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => StartWithinAsync(limit));

        Assert.Contains(
            string.Create(
                CultureInfo.InvariantCulture, $"the process may use {limit} bytes of address space; it needs at least 1000000000."),
            failure.Message,
            StringComparison.Ordinal);
    }

    [PublishedTheory]
    [InlineData(1_000_000_000)]
    public async Task Predict_LeastAddressSpace_IsAnswered(long limit)
    {
        await using var process = await StartWithinAsync(limit);

        await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => process.PostJsonAsync("/models/scaling/predict", Features)));
    }

    /// <summary>The limit of a file's size has the same effect as a full disk: a file is written in part.</summary>
    [PublishedFact]
    public async Task Graph_CannotBeWrittenWhole_IsWrittenByTheNextProcess()
    {
        // A model of this size loads so slowly that an optimized graph is worthwhile.
        _folder.Write(GeneratedModels.Weights(128 << 20, 1), "large", "1", "model.onnx");
        (string, string)[] settings = [("Models__Source", _folder.Path), ("Models__CacheDirectory", _cache.Path)];
        await using (var process = await FunctionsProcess.StartLimitedAsync("trap '' XFSZ; ulimit -f 1000", settings))
        {
            await process.PostJsonAsync("/models/large/predict", Features);
            await process.WaitForOutputAsync("Model large/1 has no optimized graph");
            process.Terminate();
            await process.WaitForExitAsync();
        }

        await using var next = await FunctionsProcess.StartAsync(settings);
        await next.PostJsonAsync("/models/large/predict", Features);

        await next.WaitUntilAsync(() => Task.FromResult(Directory.GetFiles(_cache.Path, "*.ort", SearchOption.AllDirectories).Length == 1));
    }

    [PublishedFact]
    public async Task Start_JournalCannotBeWritten_IsAWarning()
    {
        await using var process = await FunctionsProcess.StartLimitedAsync(
            "trap '' XFSZ; ulimit -f 16", ("Models__Source", _folder.Path), ("Models__CacheDirectory", _cache.Path));

        await process.PostJsonAsync("/models/scaling/predict", Features);

        await process.WaitForOutputAsync("There is no crash journal in");
        Assert.Empty(Directory.GetFiles(Path.Combine(_cache.Path, "journal")));
    }

    private Task<FunctionsProcess> StartWithinAsync(long limit) => FunctionsProcess.StartLimitedAsync(
        string.Create(CultureInfo.InvariantCulture, $"prlimit --pid $$ --as={limit}"), ("Models__Source", _folder.Path));

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }
}
