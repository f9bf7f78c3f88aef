using System.Diagnostics;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Inference.Testing;

namespace Functions.Tests;

/// <summary>No request of a client causes status 500 or ends the process.</summary>
public sealed class BadRequestTests(BadRequestTests.Server server) : IClassFixture<BadRequestTests.Server>
{
    private const string Pair = "/v2/models/two_in_two_out/infer";

    [Theory]
    [InlineData("/models/unknown/predict", "{\"features\":[1]}", 404, "unknown")]
    [InlineData("/models/dynamic_inner/versions/9/predict", "{\"features\":[1]}", 404, "no version 9 that is served. Available: 1.")]
    [InlineData("/models/dynamic_inner/versions/x/predict", "{\"features\":[1]}", 404, "no version labelled \"x\"")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[1,", 400, "not valid JSON")]
    [InlineData(
        "/models/dynamic_inner/predict", "{\"features\":[[[1]]]}", 400, "features: shape [1,1,1] is given, but input \"x\" takes [-1,-1]")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[]}", 400, "has no items; send at least one.")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[[1,2],[3]]}", 400, "features[1] has 1 element,")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[1,NaN,]}", 400, "not valid JSON")]
    [InlineData("/models/dynamic_inner/predict", "{\"features\":[1e999]}", 400, "features[0]: 1e999 is not a value of FP32")]
    [InlineData("/models/fixed_batch_four/predict", "{\"features\":[[1,2]]}", 400, "shape [1,2] is given, but input \"x\" takes [4,2]")]
    [InlineData("/models/gather/predict", "{\"features\":[9]}", 400, "idx=9")]
    [InlineData("/models/broken/predict", "{\"features\":[1]}", 503, "Model broken/1 does not load")]
    [InlineData("/models/maybe_absent/predict", "{\"features\":[[1,2]]}", 503, "OptionalHasElement")]
    public async Task Predict_WrongRequest_NamesTheProblem(string path, string body, int status, string detail)
    {
        using var response = await server.Process.PostAsync(path, body);

        var problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(status, (int)response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(status, problem.GetProperty("status").GetInt32());
        Assert.Contains(detail, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(status == 503, response.Headers.RetryAfter is not null);
    }

    [Theory]
    [InlineData("/v2/models/unknown/infer", "{\"inputs\":[]}", 404, "unknown")]
    [InlineData(Pair, "{\"inputs\":[]}", 400, "Missing input \"a\", \"b\"")]
    [InlineData(Pair, "{\"inputs\":[{\"name\":\"c\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2,3]}]}", 400,
        "inputs[0]: the model has no input \"c\"; its inputs are \"a\", \"b\"")]
    [InlineData(Pair, "{\"inputs\":[{\"name\":\"a\",\"shape\":[1,3],\"datatype\":\"INT64\",\"data\":[1,2,3]}]}", 400,
        "INT64 is given, but input \"a\" takes FP32")]
    [InlineData(Pair, "{\"inputs\":[{\"name\":\"a\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}", 400,
        "inputs[0]: shape [1,4] is given, but input \"a\" takes [-1,3]")]
    [InlineData(Pair, "{\"inputs\":[{\"name\":\"a\",\"shape\":[1,3],\"datatype\":\"FP32\",\"data\":[1,2]}]}", 400,
        "inputs[0].data has 2 elements, but its shape [1,3] declares 3")]
    [InlineData("/v2/models/broken/infer", "{\"inputs\":[]}", 503, "does not load")]
    public async Task Infer_WrongRequest_NamesTheProblemAsTheProtocolDoes(string path, string body, int status, string message)
    {
        using var response = await server.Process.PostAsync(path, body);

        Assert.Equal(status, (int)response.StatusCode);
        Assert.Contains(message, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement
            .GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("application/octet-stream")]
    [InlineData("application/json; charset=utf-16")]
    public async Task Predict_AnotherContentType_Is415(string type)
    {
        using var content = new ByteArrayContent("{\"features\":[1]}"u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);

        using var response = await server.Process.Client.PostAsync(new Uri("/models/dynamic_inner/predict", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, response.StatusCode);
        Assert.Contains("application/json", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Predict_BodyOverTheLimit_Is413(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/models/dynamic_inner/predict")
        {
            Content = new StringContent($"{{\"features\":[{new string('1', Server.MaxBodySize)}]}}", Encoding.UTF8, "application/json"),
        };
        request.Headers.TransferEncodingChunked = chunked;

        using var response = await server.Process.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        AssertText.Contains("20480 bytes that Http__MaxBodySize allows", await response.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("gzip", true, 200, "predictions")]
    [InlineData("deflate", true, 200, "predictions")]
    [InlineData("gzip", false, 400, "not valid for Content-Encoding gzip")]
    [InlineData("deflate", false, 400, "not valid for Content-Encoding deflate")]
    [InlineData("br", false, 415, "gzip, deflate")]
    [InlineData("gzip, gzip", false, 415, "gzip, deflate")]
    public async Task Predict_CompressedBody_IsAcceptedIfItIsValid(string encoding, bool isCompressed, int status, string message)
    {
        var body = "{\"features\":[[1,2,3]]}"u8.ToArray();

        using var response = await SendAsync(isCompressed ? Compress(body, encoding) : body, encoding);

        Assert.Equal(status, (int)response.StatusCode);
        AssertText.Contains(message, await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Predict_SmallBodyThatInflatesOverTheLimit_Is413()
    {
        var bomb = Compress(new byte[50_000_000], "gzip");
        Assert.InRange(bomb.Length, 1, 200_000);

        using var response = await SendAsync(bomb[..Math.Min(bomb.Length, Server.MaxBodySize)], "gzip");

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
    }

    [Theory]
    [InlineData("..")]
    [InlineData("../../secret")]
    [InlineData("..%2f..%2fsecret")]
    [InlineData("%2e%2e%2fsecret")]
    [InlineData("%252e%252e")]
    [InlineData("..%5csecret")]
    [InlineData("a%00b")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData("secret%2f1")]
    public async Task Predict_NameThatTriesToLeaveTheRoot_NeverReachesAFile(string name)
    {
        var status = await RawPostAsync($"/models/{name}/predict");

        Assert.Contains(status, (int[])[400, 404]);
    }

    [Fact]
    public async Task Predict_VeryLongName_Is404Or414() =>
        Assert.Contains(await RawPostAsync($"/models/{new string('a', 4000)}/predict"), (int[])[404, 414]);

    [Fact]
    public async Task Predict_MutatedBodies_NeverAnswer500()
    {
        var random = new Random(42);
        var valid = (string[])
        [
            "{\"features\":[[1.5,2],[3,4]]}",
            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\",\"data\":[1,-2e3]}],\"outputs\":[{\"name\":\"y\"}],\"id\":\"q\",\"parameters\":{\"timeout\":100000}}",
        ];
        for (var i = 0; i < 2000; i++)
        {
            var body = Mutate(Encoding.UTF8.GetBytes(valid[i % 2]), random);
            using var content = new ByteArrayContent(body);
            content.Headers.ContentType = new("application/json");

            var path = i % 2 == 0 ? "/models/dynamic_inner/predict" : "/v2/models/dynamic_inner/infer";
            using var response = await server.Process.Client.PostAsync(new Uri(path, UriKind.Relative), content);

            Assert.True((int)response.StatusCode is 200 or 400 or 504, $"{response.StatusCode} for {Encoding.Latin1.GetString(body)}");
        }
    }

    [Fact]
    public async Task Predict_AfterABrokenModel_OthersGoOnAnswering()
    {
        using (await server.Process.PostAsync("/models/broken/predict", "{\"features\":[1]}"))
        {
            var response =
                await server.Process.PostJsonAsync("/models/fixed_batch/predict", "{\"features\":[[1,2,3,4],[5,6,7,8],[0,0,0,1]]}");

            Assert.Equal("[[2,4,6,8],[10,12,14,16],[0,0,0,2]]", response.GetProperty("predictions").ToString());
        }
    }

    private static byte[] Compress(byte[] body, string encoding)
    {
        using var compressed = new MemoryStream();
        using (Stream stream = encoding == "gzip"
            ? new GZipStream(compressed, CompressionLevel.Optimal)
            : new ZLibStream(compressed, CompressionLevel.Optimal))
        {
            stream.Write(body);
        }

        return compressed.ToArray();
    }

    private async Task<HttpResponseMessage> SendAsync(byte[] body, string encoding)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = new("application/json");
        content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        return await server.Process.Client.PostAsync(new Uri("/models/dynamic_inner/predict", UriKind.Relative), content);
    }

    private static byte[] Mutate(byte[] body, Random random)
    {
        var bytes = body.ToList();
        for (var edits = random.Next(1, 4); edits > 0; edits--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(4))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes.RemoveAt(at); break;
                case 2: bytes.Insert(at, (byte)"[]{}\",:0eE-.\\u"[random.Next(14)]); break;
                default: bytes.RemoveRange(at, Math.Min(random.Next(1, 12), bytes.Count - at)); break;
            }

            if (bytes.Count == 0)
                bytes.Add((byte)'{');
        }

        return [.. bytes];
    }

    /// <summary>Posts over a socket, because HttpClient would normalize the path.</summary>
    private async Task<int> RawPostAsync(string path)
    {
        var address = server.Process.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\nContent-Length: 16\r\nConnection: "
            + "close\r\n\r\n{\"features\":[1]}"));
        using var reader = new StreamReader(stream, Encoding.ASCII);
        var status = await reader.ReadLineAsync();
        return int.Parse(status!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    /// <summary>Kestrel itself would close the connection of a body above 100 MiB, and the client would report a reset.</summary>
    [Theory]
    [InlineData(1_000_000)]
    [InlineData(110_000_000)]
    public async Task Predict_BodyTooLarge_ItsSenderReadsTheResponseAfterwards(int length)
    {
        var address = server.Process.Client.BaseAddress!;
        using var client = new TcpClient();
        await client.ConnectAsync(address.Host, address.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /models/gather/predict HTTP/1.1\r\nHost: {address.Authority}\r\nContent-Type: application/json\r\n"
            + $"Content-Length: {length}\r\n\r\n"));

        var part = new byte[1_000_000];
        var watch = Stopwatch.StartNew();
        try
        {
            for (var sent = 0; sent < length; sent += part.Length)
                await stream.WriteAsync(part);
        }
        catch (IOException) when (watch.Elapsed > TimeSpan.FromSeconds(30))
        {
            // The server reads a refused body for at most 30 s. On a busy machine the body takes longer.
            return;
        }

        using var reader = new StreamReader(stream, Encoding.ASCII);
        Assert.StartsWith("HTTP/1.1 413", await reader.ReadLineAsync(), StringComparison.Ordinal);
    }

    public sealed class Server : IAsyncLifetime
    {
        public const int MaxBodySize = 20 << 10;

        private readonly TempFolder _folder = new();

        public FunctionsProcess Process { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            foreach (var name in (string[])["dynamic_inner", "fixed_batch", "fixed_batch_four", "gather", "two_in_two_out", "maybe_absent"])
                TestModels.CopyTo(name, _folder.Combine("models", name, "1"));
            TestModels.CopyTo("scalar", _folder.Combine("secret", "1"));
            Directory.CreateDirectory(_folder.Combine("models", "broken", "1"));
            await File.WriteAllTextAsync(_folder.Combine("models", "broken", "1", "model.onnx"), "not a model");
            Process = await FunctionsProcess.StartAsync(
                ("Models__Source", _folder.Combine("models")), ("Http__MaxBodySize", "20KiB"));
        }

        public async Task DisposeAsync()
        {
            await Process.DisposeAsync();
            _folder.Dispose();
        }
    }
}
