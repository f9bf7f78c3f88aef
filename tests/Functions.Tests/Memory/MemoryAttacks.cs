using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;
using Google.Protobuf;
using Grpc.Core;
using Inference.Protocols.OpenInference.Grpc.Messages;

namespace Functions.Tests.Memory;

/// <summary>The requests of the ceiling test. To try another body, add a line to <see cref="All"/>.</summary>
internal static class MemoryAttacks
{
    private const int Large = 99_000_000, Honest = 12_000_000;

    private const string Predict = $"/models/{MemoryTarget.Model}/predict";
    private const string Infer = $"/v2/models/{MemoryTarget.Model}/infer";
    private const string TensorFlow = $"/v1/models/{MemoryTarget.Model}:predict";

    private const string Row = "[0,0,0,0]";
    private const string Tensor = "{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[0,0,0,0]}";

    public static IReadOnlyList<MemoryAttack> All { get; } =
    [
        Gzip("repeated inputs", Predict, Compress("{\"inputs\":{", "\"x\":[[0,0,0,0]]", Large, "}}"), 400),
        Gzip("repeated columns", TensorFlow, Compress("{\"inputs\":{", "\"x\":[[0,0,0,0]]", Large, "}}"), 400),
        Gzip("repeated tensors", Infer, Compress("{\"inputs\":[", Tensor, Large, "]}"), 400),
        Gzip("compressed rows", Predict, Compress("{\"features\":[", Row, Large, "]}"), 200, 400),
        Gzip("compressed words", TensorFlow, Compress("{\"instances\":[", "[NaN,0,0,0]", Large, "]}"), 200, 400),
        Gzip("fewer compressed rows", Predict, Compress("{\"features\":[", Row, Large / 4, "]}"), 200, 400),
        Json("honest rows", Predict, Repeat("{\"features\":[", "[0.5,1.25,3,4]", Honest, "]}"), 200),
        Json("many items of a detector", $"/models/{MemoryTarget.Detector}/predict", Repeat("{\"features\":[", "[1]", 200_000, "]}"), 200),
        new MemoryAttack("binary tensors", (target, token) => target.PostAsync(Infer, Binary(1 << 20), token), 200, 429),
        // On a busy machine the caller may disconnect so late that the server refuses the slow body.
        new MemoryAttack("held body", HoldAsync, 0, 408, 429),
        new MemoryAttack("slow reader", ReadSlowlyAsync, 200, 429),
        new MemoryAttack("compressed call without a key", static (target, token) => CallAsync(
            () => target.Grpc.ServerLiveAsync(new ServerLiveRequest(), Compressed, cancellationToken: token).ResponseAsync),
            -(int)StatusCode.Unimplemented),
        new MemoryAttack("compressed call", static (target, token) => CallAsync(
            () => target.Grpc.ModelInferAsync(Message, Compressed, cancellationToken: token).ResponseAsync), 200,
            -(int)StatusCode.ResourceExhausted),
    ];

    private static Metadata Compressed => new() { { "grpc-internal-encoding-request", "gzip" } };

    private static ModelInferRequest Message { get; } = new()
    {
        ModelName = MemoryTarget.Model,
        Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = "FP32", Shape = { Honest / 16, 4 } } },
        RawInputContents = { ByteString.CopyFrom(new byte[Honest / 16 * 16]) },
    };

    private static MemoryAttack Json(string name, string path, byte[] body, params int[] allowed) =>
        Json(name, path, body, encoding: null, allowed);

    private static MemoryAttack Gzip(string name, string path, byte[] body, params int[] allowed) =>
        Json(name, path, body, "gzip", allowed);

    private static MemoryAttack Json(string name, string path, byte[] body, string? encoding, int[] allowed) => new(
        name,
        (target, token) =>
        {
            var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
            if (encoding is not null)
                content.Headers.ContentEncoding.Add(encoding);
            return target.PostAsync(path, content, token);
        },
        [429, .. allowed]);

    /// <summary>Creates a body of repeated items with commas between them, of about the given length.</summary>
    private static byte[] Repeat(string head, string item, int length, string tail)
    {
        using var body = new MemoryStream();
        Repeat(body, head, item, length, tail);
        return body.ToArray();
    }

    private static byte[] Compress(string head, string item, int length, string tail)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            Repeat(gzip, head, item, length, tail);
        return compressed.ToArray();
    }

    private static void Repeat(Stream body, string head, string item, int length, string tail)
    {
        const int Together = 10_000;
        var items = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat($"{item},", Together)));
        body.Write(Encoding.ASCII.GetBytes(head));
        for (var written = 0; written < length; written += items.Length)
            body.Write(items);
        body.Write(Encoding.ASCII.GetBytes(item + tail));
    }

    private static ByteArrayContent Binary(int rows)
    {
        var json = Encoding.ASCII.GetBytes(
            $"{{\"inputs\":[{{\"name\":\"x\",\"shape\":[{rows},4],\"datatype\":\"FP32\",\"parameters\":{{\"binary_data_size\":{rows * 16}}}}}],\"parameters\":{{\"binary_data_output\":true}}}}");
        var body = new byte[json.Length + (rows * 16)];
        json.CopyTo(body, 0);
        var content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue("application/octet-stream") } };
        content.Headers.Add("Inference-Header-Content-Length", $"{json.Length}");
        return content;
    }

    /// <summary>Sends most of a body, waits, and disconnects.</summary>
    private static async Task<int> HoldAsync(MemoryTarget target, CancellationToken cancellationToken)
    {
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        cancellation.CancelAfter(TimeSpan.FromSeconds(4));
        using var content = new HeldContent(60_000_000);
        try
        {
            return await target.PostAsync(Predict, content, cancellation.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return 0;
        }
    }

    private static async Task<int> ReadSlowlyAsync(MemoryTarget target, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(Infer, UriKind.Relative)) { Content = Binary(1 << 19) };
        using var response = await target.Process.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[4096];
        for (var i = 0; i < 40 && await body.ReadAsync(buffer, cancellationToken) > 0; i++)
            await Task.Delay(100, cancellationToken);
        return (int)response.StatusCode;
    }

    private static async Task<int> CallAsync<T>(Func<Task<T>> call)
    {
        try
        {
            await call();
            return 200;
        }
        catch (RpcException e) when (e.StatusCode != StatusCode.Cancelled)
        {
            return -(int)e.StatusCode;
        }
    }

    private sealed class HeldContent(int length) : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, System.Net.TransportContext? context) =>
            SerializeToStreamAsync(stream, context, CancellationToken.None);

        protected override async Task SerializeToStreamAsync(
            Stream stream, System.Net.TransportContext? context, CancellationToken cancellationToken)
        {
            var buffer = new byte[64 << 10];
            buffer.AsSpan().Fill((byte)' ');
            for (var sent = 0; sent < length - buffer.Length; sent += buffer.Length)
                await stream.WriteAsync(buffer, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
