using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>Tests the memory of the published executable after a body of the maximum size.</summary>
public sealed class LargeBodyTests
{
    private const int Size = 100_000_000;
    private const long Slack = 64 << 20;

    [PublishedTheory]
    [InlineData("0.123456")]
    [InlineData("1")]
    public async Task Predict_LargeJson_ReleasesItsMemory(string number)
    {
        await using var server = await FunctionsProcess.StartAsync();
        var row = $"[{string.Join(',', Enumerable.Repeat(number, 64))}]";
        await PredictAsync(server, row);
        var before = server.ResidentBytes();

        await PredictAsync(server, string.Join(',', Enumerable.Repeat(row, Size / row.Length)));
        var after = server.ResidentBytes();

        var watch = Stopwatch.StartNew();
        // The server sends no signal when it returns memory, so its resident memory is polled.
        while (server.ResidentBytes() > before + Slack && watch.Elapsed < WaitLimit.Step)
            await Task.Delay(100);
        Assert.True(
            server.ResidentBytes() <= before + Slack,
            $"{before >> 20} MiB before, {after >> 20} MiB after, {server.ResidentBytes() >> 20} MiB {watch.Elapsed.TotalSeconds:0.0} s "
            + "later.");
    }

    private static async Task PredictAsync(FunctionsProcess server, string rows)
    {
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes($"{{\"features\":[{rows}]}}"));
        content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await server.Client.PostAsync(new Uri("/models/digits/predict", UriKind.Relative), content);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }
}
