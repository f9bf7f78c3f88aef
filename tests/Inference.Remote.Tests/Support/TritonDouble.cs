using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Inference.Remote.Tests.Support;

/// <summary>
/// A test server with the REST interface of Triton. Its model "m" returns y = 2x, with binary tensors in both directions.
/// </summary>
internal static class TritonDouble
{
    public const string Infer = "/v2/models/m/infer";
    public const string Remote = """{"kind":"open-inference","url":"{url}"}""";

    private const string HeaderLength = "Inference-Header-Content-Length";

    public static async Task<PeerServer> StartAsync()
    {
        var server = await PeerServer.StartAsync();
        server.Answer("/v2/models/m", """
            {"name":"m","versions":["1"],"platform":"onnxruntime_onnx",
             "inputs":[{"name":"x","datatype":"FP32","shape":[-1,2]}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,2]}]}
            """);
        server.Handlers[Infer] = context => DoubleAsync(context);
        return server;
    }

    /// <param name="seen">Receives the JSON of the request.</param>
    public static async Task DoubleAsync(HttpContext context, Action<JsonElement>? seen = null)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var length = int.Parse(context.Request.Headers[HeaderLength]!, CultureInfo.InvariantCulture);
        using var request = JsonDocument.Parse(body.ToArray().AsMemory(0, length));
        seen?.Invoke(request.RootElement);
        var values = body.ToArray()[length..];
        for (var at = 0; at < values.Length; at += sizeof(float))
            BitConverter.TryWriteBytes(values.AsSpan(at), 2 * BitConverter.ToSingle(values, at));
        var shape = request.RootElement.GetProperty("inputs")[0].GetProperty("shape").GetRawText();
        await WriteBinaryAsync(context,
            $$$"""{"model_name":"m","outputs":[{"name":"y","datatype":"FP32","shape":{{{shape}}},"parameters":{"binary_data_size":{{{values.Length}}}}}]}""", values);
    }

    public static async Task WriteBinaryAsync(HttpContext context, string json, byte[] tensors)
    {
        var header = Encoding.UTF8.GetBytes(json);
        context.Response.Headers[HeaderLength] = header.Length.ToString(CultureInfo.InvariantCulture);
        context.Response.ContentType = "application/octet-stream";
        await context.Response.Body.WriteAsync(header);
        await context.Response.Body.WriteAsync(tensors);
    }
}
