using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Inference.Testing;

namespace Cli.Tests;

/// <summary>
/// Runs <c>bench</c> against two real servers. The tests assert only facts that hold on any machine, because the figures depend on the
/// machine. The windows are long enough for answers in each of them on a busy machine.
/// </summary>
public sealed class BenchTests(ServedModels served, BenchTests.Peer peer) : IClassFixture<ServedModels>, IClassFixture<BenchTests.Peer>
{
    [Fact]
    public async Task Bench_AgainstAPeer_MeasuresBothAtEveryLoadAndDrawsThem()
    {
        using var folder = new TempFolder();
        var svg = folder.Combine("plot.svg");

        var table = await CliProcess.RunSuccessfullyAsync(
            "bench", "iris", "--concurrency", "1,2", "--rate", "20", "--window", "1", "--max-windows", "3", "--warmup", "0.1",
            "--endpoint", served.Endpoint, "--against", peer.Endpoint, "--svg", svg);

        var lines = table.TrimEnd().Split('\n');
        Assert.Equal(1 + (3 * 2), lines.Length);
        foreach (var endpoint in (string[])[served.Endpoint, peer.Endpoint])
        {
            var name = new Uri(endpoint).Authority;
            Assert.All((string[])["1 caller ", "2 callers ", "20/s "], load =>
                Assert.Single(lines, line => line.StartsWith($"{name}  {load}", StringComparison.Ordinal)));
        }

        Assert.Equal("svg", XDocument.Load(svg).Root!.Name.LocalName);
    }

    [Fact]
    public async Task Bench_InATerminal_DrawsLatencyAgainstThroughput()
    {
        var seen = await CliProcess.RunSuccessfullyInTerminalAsync(
            "bench", "iris", "--concurrency", "1,2", "--window", "1", "--max-windows", "3", "--warmup", "0.1", "--endpoint",
            served.Endpoint);

        Assert.Contains($"{new Uri(served.Endpoint).Authority}, closed loop: a p50, A p99\n", seen, StringComparison.Ordinal);
        var rows = seen.Split('\n').Where(line => line.IndexOf('|', StringComparison.Ordinal) == 10).ToList();
        Assert.Equal(13, rows.Count);
        Assert.Matches(@"^ *\d+\.\d+ ms \|.*A", rows[0]);
        Assert.Matches(@"^ *\d+\.\d+ \|.*a", rows[^1]);
        Assert.Matches(@"\n +0 +\d+\.\d+ responses/s\n", seen);
    }

    [Fact]
    public async Task Bench_Json_HasPercentilesInOrderAndTheServersShare()
    {
        var results = await CliProcess.RunForJsonAsync(
            "bench", "digits", "--concurrency", "2", "--window", "1", "--max-windows", "3", "--warmup", "0.1", "--endpoint",
            served.Endpoint);

        var result = results[0];
        double[] latencies = [.. ((string[])["p50Ms", "p90Ms", "p95Ms", "p99Ms", "maxMs"])
            .Select(name => result.GetProperty(name).GetDouble())];
        Assert.Equal(latencies.Order(), latencies);
        Assert.True(latencies[0] > 0);
        Assert.Equal(0, result.GetProperty("failures").GetInt64());
        Assert.True(result.GetProperty("answers").GetInt64() > 0);
        var server = result.GetProperty("server");
        // A run counts before its request, so the runs of a window may take longer than its requests.
        Assert.All((string[])["computeMs", "totalMs"], name => Assert.True(server.GetProperty(name).GetDouble() > 0, name));
    }

    /// <summary>The input has enough values for products of their indexes to exceed 32 bits.</summary>
    [Fact]
    public async Task Bench_OfALargeInput_GeneratesValuesFrom0To1()
    {
        const int Size = 400_000;
        byte[] sent = [];
        using var server = new HttpDouble(context =>
        {
            var response = $$"""{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,{{Size}}]}]}""";
            if (context.Request.HttpMethod == "POST")
            {
                using var body = new MemoryStream();
                context.Request.InputStream.CopyTo(body);
                sent = body.ToArray();
                context.Response.StatusCode = 400;
                response = """{"error":"enough"}""";
            }

            context.Response.ContentType = "application/json";
            context.Response.OutputStream.Write(Encoding.UTF8.GetBytes(response));
        });

        var result = await CliProcess.RunAsync("bench", "m", "--endpoint", server.Address);

        Assert.Equal((1, true), (result.ExitCode, result.Error.Contains("enough", StringComparison.Ordinal)));
        var values = JsonElement.Parse(sent).GetProperty("inputs")[0].GetProperty("data").EnumerateArray()
            .Select(value => value.GetDouble()).ToList();
        Assert.Equal(Size, values.Count);
        Assert.All((double[])[values.Min(), values.Max()], value => Assert.InRange(value, 0, 1));
        Assert.Equal(1000, values.Distinct().Count());
    }

    [Fact]
    public async Task Bench_AgainstAServerThatDoesNotRespond_NamesTheOption()
    {
        var result = await CliProcess.RunAsync("bench", "iris", "--endpoint", served.Endpoint, "--against", "http://127.0.0.1:1");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("Start the server, or set --against to another one.", result.Error, StringComparison.Ordinal);
    }

    /// <summary>The second server, which <c>--against</c> names.</summary>
    public sealed class Peer : IAsyncLifetime
    {
        private readonly ServedModels _server = new();

        public string Endpoint => _server.Endpoint;

        public Task InitializeAsync() => _server.InitializeAsync();

        public Task DisposeAsync() => _server.DisposeAsync();
    }
}
