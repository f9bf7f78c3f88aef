using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Functions.Tests;

/// <summary>The real executable where the system gives it too little.</summary>
public sealed class LimitTests : IDisposable
{
    private const string Features = "{\"features\":[1,0,0,0]}";
    private const string Exhausted = "file descriptors that the process may open are in use";

    private readonly ModelFolder _folder = new();

    public LimitTests() => _folder.WriteScaling("scaling", 1, 2);

    [Fact]
    public async Task Connections_MoreThanDescriptors_AreWarnedOfOnceCostNothingAndTheServerRecovers()
    {
        // The JIT build has two hundred open files of its own.
        const int Limit = 400;
        await using var process = await FunctionsProcess.StartLimitedAsync(
            string.Create(CultureInfo.InvariantCulture, $"ulimit -n {Limit}"), ("Models__Source", _folder.Path));
        await process.AskAsync("/models/scaling/predict", Features);
        var connections = new List<Socket>();
        for (var i = 0; i < Limit + 20; i++)
        {
            var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            await socket.ConnectAsync(IPAddress.Loopback, process.Client.BaseAddress!.Port);
            connections.Add(socket);
        }

        await process.WaitForOutputAsync(Exhausted);
        var before = process.ProcessorTime();
        await Task.Delay(TimeSpan.FromSeconds(2));
        var spent = process.ProcessorTime() - before;
        connections.ForEach(connection => connection.Dispose());
        await process.AskAsync("/models/scaling/predict", Features);

        Assert.True(spent < TimeSpan.FromMilliseconds(400), $"{spent.TotalMilliseconds} ms of processor time within 2 s.");
        Assert.Equal(2, process.Output.Split(Exhausted).Length);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"all {Limit} {Exhausted}"), process.Output, StringComparison.Ordinal);
    }

    /// <summary>Where there is enough, the model answers; where there is not, the start or the load speaks of memory.</summary>
    [PublishedTheory]
    [InlineData(600_000_000)]
    [InlineData(900_000_000)]
    public async Task Predict_TooLittleAddressSpace_SaysSo(long limit)
    {
        var (isAnswered, text) = await AskWithinAsync(limit);

        Assert.DoesNotContain("initializer", text, StringComparison.Ordinal);
        if (isAnswered)
            return;
        Assert.Contains("memory", text, StringComparison.OrdinalIgnoreCase);
    }

    private async Task<(bool IsAnswered, string Text)> AskWithinAsync(long limit)
    {
        try
        {
            await using var process = await FunctionsProcess.StartLimitedAsync(
                string.Create(CultureInfo.InvariantCulture, $"prlimit --pid $$ --as={limit}"), ("Models__Source", _folder.Path));
            using var response = await process.PostAsync("/models/scaling/predict", Features);
            return (response.StatusCode == HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        }
        catch (InvalidOperationException e)
        {
            // It did not start; the message has what it printed.
            return (false, e.Message);
        }
    }

    public void Dispose() => _folder.Dispose();
}
