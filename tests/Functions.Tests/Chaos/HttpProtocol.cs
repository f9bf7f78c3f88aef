using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Functions.Tests.Chaos;

/// <summary>The protocols over HTTP with one request and one response per call.</summary>
internal sealed class HttpProtocol : IChaosProtocol
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    private readonly HttpClient _client;
    private readonly Func<string, float[], TimeSpan?, HttpRequestMessage> _write;
    private readonly Func<HttpResponseMessage, byte[], float[]> _read;

    private HttpProtocol(
        string name,
        bool hasTimeout,
        HttpClient client,
        Func<string, float[], TimeSpan?, HttpRequestMessage> write,
        Func<HttpResponseMessage, byte[], float[]> read) =>
        (Name, HasTimeout, _client, _write, _read) = (name, hasTimeout, client, write, read);

    public string Name { get; }

    public bool HasTimeout { get; }

    public TimeSpan Patience => ChaosClient.Patience;

    public static HttpProtocol Predict(HttpClient client) => new(
        "predict", hasTimeout: false, client,
        (model, row, _) => Post($"/models/{model}/predict", $$"""{"features":[{{Text(row)}}]}"""),
        (_, body) => Rows(Json(body).GetProperty("predictions")));

    public static HttpProtocol TensorFlowServing(HttpClient client) => new(
        "tensorflow-serving", hasTimeout: false, client,
        (model, row, _) => Post($"/v1/models/{model}:predict", $$"""{"instances":[{{Text(row)}}]}"""),
        (_, body) => Rows(Json(body).GetProperty("predictions")));

    public static HttpProtocol InferJson(HttpClient client) => new(
        "infer-json", hasTimeout: true, client,
        (model, row, timeout) => Post($"/v2/models/{model}/infer", InferRequest(timeout, more: null, row, $"\"data\":{Text(row)}")),
        (_, body) => [.. Json(body).GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(value => value.GetSingle())]);

    public static HttpProtocol InferBinary(HttpClient client) => new("infer-binary", hasTimeout: true, client, WriteBinary, ReadBinary);

    public async Task<ChaosReply> SendAsync(string model, float[] row, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var request = _write(model, row, timeout);
        using var response = await _client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return response.StatusCode == HttpStatusCode.OK
            ? ChaosReply.Answer(_read(response, body))
            : ChaosReply.Refusal((int)response.StatusCode, Encoding.UTF8.GetString(body));
    }

    public void Dispose() => _client.Dispose();

    public static string Text(float[] row) => $"[{string.Join(',', row.Select(value => value.ToString(CultureInfo.InvariantCulture)))}]";

    /// <summary>Returns the only row of an array of rows, or of an array of numbers, in which each row is one number.</summary>
    public static float[] Rows(JsonElement rows) => rows[0].ValueKind == JsonValueKind.Array
        ? [.. rows[0].EnumerateArray().Select(value => value.GetSingle())]
        : [rows[0].GetSingle()];

    private static HttpRequestMessage WriteBinary(string model, float[] row, TimeSpan? timeout)
    {
        var size = Object($"\"binary_data_size\":{row.Length * sizeof(float)}");
        var json = InferRequest(timeout, "\"binary_data_output\":true", row, $"\"parameters\":{size}");
        var content = new ByteArrayContent([.. Encoding.UTF8.GetBytes(json), .. MemoryMarshal.AsBytes(row.AsSpan())]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v2/models/{model}/infer") { Content = content };
        request.Headers.Add(HeaderLength, json.Length.ToString(CultureInfo.InvariantCulture));
        return request;
    }

    private static float[] ReadBinary(HttpResponseMessage response, byte[] body)
    {
        var header = int.Parse(response.Headers.GetValues(HeaderLength).Single(), CultureInfo.InvariantCulture);
        return MemoryMarshal.Cast<byte, float>(body.AsSpan(header)).ToArray();
    }

    private static HttpRequestMessage Post(string path, string json) =>
        new(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    /// <param name="more">A parameter in addition to the timeout; null for none.</param>
    /// <param name="data">The member of the input that contains its values, or the size of the binary values after the JSON.</param>
    private static string InferRequest(TimeSpan? timeout, string? more, float[] row, string data)
    {
        string?[] parameters = [more, timeout is { } limit ? $"\"timeout\":{Microseconds(limit)}" : null];
        var input = Object($"\"name\":\"x\",\"shape\":[1,{row.Length}],\"datatype\":\"FP32\",{data}");
        return Object($"\"parameters\":{Object(string.Join(',', parameters.OfType<string>()))},\"inputs\":[{input}]");
    }

    private static string Object(string members) => "{" + members + "}";

    private static long Microseconds(TimeSpan time) => (long)time.TotalMicroseconds;

    private static JsonElement Json(byte[] body) => JsonDocument.Parse(body).RootElement;
}
