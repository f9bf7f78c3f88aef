using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Inference.Onnx.Sweep;

namespace Functions.Tests.Conformance;

/// <summary>Sends Open Inference requests with binary tensors.</summary>
internal static class BinaryInference
{
    private const string HeaderLength = "Inference-Header-Content-Length";

    /// <summary>The protocol's names of the types, by ONNX's TensorProto.DataType.</summary>
    private static readonly string[] TypeNames =
    [
        "", "FP32", "UINT8", "INT8", "UINT16", "INT16", "INT32", "INT64", "BYTES", "BOOL", "FP16", "FP64", "UINT32", "UINT64", "", "",
        "BF16",
    ];

    /// <returns>The outputs in the model's order, or the reason why there are none.</returns>
    /// <exception cref="HttpRequestException">The server's process has ended.</exception>
    public static async Task<(TestTensor[]? Outputs, string Error)> SendAsync(
        HttpClient client, string model, IReadOnlyList<(string Name, TestTensor Value)> inputs)
    {
        var header = JsonSerializer.SerializeToUtf8Bytes(new
        {
            parameters = new { binary_data_output = true },
            inputs = inputs.Select(input => new
            {
                name = input.Name,
                datatype = TypeNames[input.Value.Type],
                shape = input.Value.Shape,
                parameters = new { binary_data_size = input.Value.Data.Length },
            }),
        });
        using var content = new ByteArrayContent([.. header, .. inputs.SelectMany(input => input.Value.Data)]);
        content.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        content.Headers.Add(HeaderLength, header.Length.ToString(CultureInfo.InvariantCulture));
        using var response = await client.PostAsync(new Uri($"/v2/models/{model}/infer", UriKind.Relative), content);
        var bytes = await response.Content.ReadAsByteArrayAsync();
        if (!response.IsSuccessStatusCode)
            return (null, $"{(int)response.StatusCode} {Encoding.UTF8.GetString(bytes)}");
        var length = response.Headers.TryGetValues(HeaderLength, out var values)
            ? int.Parse(values.Single(), CultureInfo.InvariantCulture)
            : bytes.Length;
        return (Read(bytes.AsMemory(0, length), bytes.AsSpan(length)), "");
    }

    private static TestTensor[] Read(ReadOnlyMemory<byte> header, ReadOnlySpan<byte> data)
    {
        using var json = JsonDocument.Parse(header);
        var outputs = new List<TestTensor>();
        foreach (var output in json.RootElement.GetProperty("outputs").EnumerateArray())
        {
            var size = output.GetProperty("parameters").GetProperty("binary_data_size").GetInt32();
            outputs.Add(new TestTensor(
                Array.IndexOf(TypeNames, output.GetProperty("datatype").GetString()),
                [.. output.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt64())],
                data[..size].ToArray()));
            data = data[size..];
        }

        Assert.True(data.IsEmpty, $"{data.Length} bytes belong to no output.");
        return [.. outputs];
    }
}
