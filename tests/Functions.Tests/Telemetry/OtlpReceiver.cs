using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using Inference.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Functions.Tests.Telemetry;

/// <summary>A collector that receives telemetry by the OpenTelemetry protocol over HTTP.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _requests = new();
    private TaskCompletionSource _next = NewSignal();

    private OtlpReceiver(WebApplication app) => _app = app;

    /// <summary>The settings that make the app send telemetry to this collector without delay.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", Address),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
        // An export that takes longer is lost. The default is 10 s, in milliseconds as here.
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "60000"),
        ("OTEL_BSP_SCHEDULE_DELAY", "100"),
        ("OTEL_BLRP_SCHEDULE_DELAY", "100"),
        ("OTEL_METRIC_EXPORT_INTERVAL", "200"),
    ];

    public string Address => _app.Urls.Single();

    public IReadOnlyList<OtlpSpan> Spans => [.. Bodies("/v1/traces").SelectMany(OtlpSpan.Read)];

    /// <summary>All received bytes as text, in which tests can search for names.</summary>
    public string Text => string.Concat(_requests.Select(request => Encoding.Latin1.GetString(request.Body)));

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.WebHost.UseKestrelCore();
        builder.Services.AddRoutingCore();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(app);
        app.Run(receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    public IEnumerable<byte[]> Bodies(string path) => _requests.Where(request => request.Path == path).Select(request => request.Body);

    /// <summary>Waits until the spans of one trace fulfill a condition, and returns them.</summary>
    public async Task<List<OtlpSpan>> TraceAsync(string traceId, Func<List<OtlpSpan>, bool> enough)
    {
        List<OtlpSpan> trace = [];
        await UntilAsync(() =>
        {
            trace = [.. Spans.Where(span => span.TraceId == traceId)];
            return enough(trace);
        }, () => string.Join('\n', trace));
        return trace;
    }

    /// <summary>Waits for requests until a condition holds.</summary>
    public Task UntilAsync(Func<bool> condition, Func<string> describe) => UntilAsync(() => Task.FromResult(condition()), describe);

    /// <summary>Checks a condition at once and after each request, until it holds.</summary>
    public async Task UntilAsync(Func<Task<bool>> condition, Func<string> describe)
    {
        using var limit = new CancellationTokenSource(WaitLimit.Step);
        while (true)
        {
            // The signal is read before the check, so that a request that arrives after the check completes it.
            var next = Volatile.Read(ref _next).Task;
            if (await condition())
                return;
            await next.WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            Assert.False(limit.IsCancellationRequested, describe());
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await using var plain = http.Request.Headers.ContentEncoding == "gzip"
            ? new GZipStream(http.Request.Body, CompressionMode.Decompress)
            : http.Request.Body;
        await plain.CopyToAsync(body);
        _requests.Enqueue((http.Request.Path, body.ToArray()));
        Interlocked.Exchange(ref _next, NewSignal()).SetResult();
        http.Response.ContentType = "application/x-protobuf";
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
