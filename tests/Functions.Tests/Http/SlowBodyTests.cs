using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Functions.Tests.Http;

/// <summary>Tests senders that stop in the middle of a body.</summary>
public sealed class SlowBodyTests
{
    private const string LengthHeader = "Content-Length: ";

    /// <summary>The numbers of bytes before a sender stops: many, few, and fewer than the header of a gRPC message.</summary>
    private const int Large = 100_000, Small = 10, Least = 3;

    /// <summary>Each sender begins so fast that Kestrel's own minimum rate would let it stop for minutes.</summary>
    [Fact]
    public async Task Predict_BodyStops_IsRefused()
    {
        using var folder = new ModelFolder();
        folder.WriteScaling("a", 1, 2);
        await using var process = await folder.ServeAsync(("Grpc__Urls", "http://127.0.0.1:0"));

        var responses = await Task.WhenAll(
            StopAsync(process, Numbers(), Large),
            StopAsync(process, Compress(Numbers()), Large, coding: "gzip"),
            StopAsync(process, Numbers(), Small),
            StopAsync(process, Compress(Numbers()), Small, coding: "gzip"),
            StopGrpcAsync(process, Large),
            StopGrpcAsync(process, Small),
            StopGrpcAsync(process, Least));

        Assert.All(responses[..4], response =>
        {
            Assert.StartsWith("HTTP/1.1 408 ", response, StringComparison.Ordinal);
            Assert.Contains("\r\nConnection: close\r\n", response, StringComparison.Ordinal);
            Assert.Contains("\r\nInference-Error-Code: bodyTooSlow\r\n", response, StringComparison.Ordinal);
            Assert.Contains("less than 40960 bytes arrived in 10 s", response, StringComparison.Ordinal);
        });
        Assert.All(responses[4..], response => Assert.Equal("4 bodyTooSlow", response));
        Assert.DoesNotContain("Reading is already in progress", process.Output, StringComparison.Ordinal);
        await process.PostJsonAsync("/models/a/predict", "{\"features\":[1,0,0,0]}");
    }

    /// <summary>Sends the first bytes of a body and returns all of the response.</summary>
    private static async Task<string> StopAsync(FunctionsProcess process, byte[] body, int sent, string? coding = null)
    {
        var address = process.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /models/a/predict HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n"
            + $"{(coding is null ? "" : $"Content-Encoding: {coding}\r\n")}\r\n"));
        await stream.WriteAsync(body.AsMemory(0, sent));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var (head, length) = (new StringBuilder(), 0);
        while (await reader.ReadLineAsync() is { Length: > 0 } line)
        {
            head.Append(line).Append("\r\n");
            if (line.StartsWith(LengthHeader, StringComparison.Ordinal))
                length = int.Parse(line[LengthHeader.Length..], CultureInfo.InvariantCulture);
        }

        // The connection ends later, because the server first waits for the rest of the request.
        var content = new char[length];
        await reader.ReadBlockAsync(content);
        return head.Append(content).ToString();
    }

    /// <summary>Sends the first bytes of a gRPC message and returns the status and the error code of the call.</summary>
    private static async Task<string> StopGrpcAsync(FunctionsProcess process, int sent)
    {
        using var answered = new SemaphoreSlim(0);
        using var client = new HttpClient { BaseAddress = await process.GrpcAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/inference.GRPCInferenceService/ModelInfer")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Headers = { TE = { new("trailers") } },
            Content = new StoppingContent(sent, answered),
        };
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var status = string.Join(' ', Header("grpc-status"), Header("inference-error-code"));
        answered.Release();
        return status;

        string Header(string name) =>
            response.Headers.TryGetValues(name, out var values) || response.TrailingHeaders.TryGetValues(name, out values)
                ? values.Single() : "";
    }

    private static byte[] Numbers()
    {
        var random = new Random(1);
        return Encoding.ASCII.GetBytes(
            $"{{\"features\":[{string.Join(',', Enumerable.Range(0, 400_000).Select(_ => random.Next(1_000_000)))}]}}");
    }

    private static byte[] Compress(byte[] body)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Optimal))
            gzip.Write(body);
        return compressed.ToArray();
    }

    /// <summary>A gRPC message of 1 MB. Only its first bytes are sent until the call has a response.</summary>
    private sealed class StoppingContent(int sent, SemaphoreSlim answered) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            byte[] message = [0, 0, 0x0F, 0x42, 0x40, .. new byte[Large]];
            await stream.WriteAsync(message.AsMemory(0, sent));
            await stream.FlushAsync();
            await answered.WaitAsync();
        }

        protected override bool TryComputeLength(out long length) => (length = -1) > 0;
    }
}
