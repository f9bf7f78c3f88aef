using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Functions.Tests.Models;
using Inference.Testing;

namespace Functions.Tests.Protocols;

/// <summary>Tests the binary tensor data extension of the Open Inference Protocol over HTTP.</summary>
public sealed class BinaryTensorTests(EmbeddedModelsTests.Server server) : IClassFixture<EmbeddedModelsTests.Server>
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    private static readonly float[] Flowers = [5.1f, 3.5f, 1.4f, 0.2f, 6.0f, 3.0f, 5.0f, 2.0f];

    [Fact]
    public async Task Infer_BinaryBothWays_EqualsJsonBitForBit()
    {
        var json =
            "{\"parameters\":{\"binary_data_output\":true},\"inputs\":[{\"name\":\"measurements\",\"shape\":[2,4],\"datatype\":\"FP32\",\"parameters\":{\"binary_data_size\":32}}]}";
        var (header, tensors) = await AskAsync(json, Flowers);
        var response = await server.Process.PostJsonAsync(
            "/v2/models/iris/infer",
            "{\"inputs\":[{\"name\":\"measurements\",\"shape\":[2,4],\"datatype\":\"FP32\",\"data\":[5.1,3.5,1.4,0.2,6.0,3.0,5.0,2.0]}]}");

        var output = header.GetProperty("outputs")[0];
        Assert.Equal(("[2,3]", tensors.Length),
            (output.GetProperty("shape").ToString(), output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32()));
        Assert.False(output.TryGetProperty("data", out _));
        Assert.Equal(
            response.GetProperty("outputs")[0].GetProperty("data").EnumerateArray().Select(value => value.GetSingle()),
            MemoryMarshal.Cast<byte, float>(tensors).ToArray());
    }

    [Fact]
    public async Task Infer_RawBody_AnswersBinary()
    {
        var (header, tensors) = await AskAsync("", Flowers);

        Assert.Equal("[2,3]", header.GetProperty("outputs")[0].GetProperty("shape").ToString());
        Assert.Equal(2 * 3 * sizeof(float), tensors.Length);
    }

    [Theory]
    [InlineData("999", 400, "is 999, but the body has")]
    [InlineData("-1", 400, "must be the number of bytes of the JSON")]
    [InlineData("x", 400, "must be the number of bytes of the JSON")]
    [InlineData("0", 400, "takes 16 bytes")]
    [InlineData(null, 415, "needs the header Inference-Header-Content-Length")]
    public async Task Infer_WrongHeaderLength_NamesTheProblem(string? length, int status, string message)
    {
        using var response = await SendAsync(new byte[17], length);

        Assert.Equal(status, (int)response.StatusCode);
        AssertText.Contains(message, await response.Content.ReadAsStringAsync());
    }

    private async Task<(JsonElement Header, byte[] Tensors)> AskAsync(string json, float[] values)
    {
        byte[] body = [.. Encoding.UTF8.GetBytes(json), .. MemoryMarshal.AsBytes(values.AsSpan())];
        using var response = await SendAsync(body, json.Length.ToString(CultureInfo.InvariantCulture));
        var content = await response.Content.ReadAsByteArrayAsync();

        Assert.True(response.StatusCode == HttpStatusCode.OK, Encoding.UTF8.GetString(content));
        Assert.Equal("application/octet-stream", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(content.Length, response.Content.Headers.ContentLength);
        var length = int.Parse(response.Headers.GetValues(HeaderLength).Single(), CultureInfo.InvariantCulture);
        return (JsonDocument.Parse(content.AsMemory(0, length)).RootElement, content[length..]);
    }

    private async Task<HttpResponseMessage> SendAsync(byte[] body, string? length)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v2/models/iris/infer") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        if (length is not null)
            request.Headers.Add(HeaderLength, length);
        return await server.Process.Client.SendAsync(request);
    }
}
