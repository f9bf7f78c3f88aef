using System.Text.Json;
using Inference.Remote.Tests.Support;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Remote.Tests;

/// <summary>Tests a server with the REST interface of TensorFlow Serving.</summary>
public sealed class TensorFlowServingTests
{
    private const string Remote = """{"kind":"tensorflow-serving","url":"{url}","model":"half","version":"3"}""";
    private const string Path = "/v1/models/half/versions/3";

    [Fact]
    public async Task RunAsync_OneOutput_IsBare()
    {
        await using var server = await PeerServer.StartAsync();
        server.Answer($"{Path}/metadata", Metadata(Entry("x", "DT_FLOAT", "-1", "2"), Entry("y", "DT_FLOAT", "-1", "2")));
        string? sent = null;
        server.Handlers[$"{Path}:predict"] = async context =>
        {
            using var request = await JsonDocument.ParseAsync(context.Request.Body);
            sent = request.RootElement.GetRawText();
            await PeerServer.WriteAsync(context, 200, """{ "outputs": [[0.5, 1.0]] }""");
        };
        await using var sut = await LoadedRemote.LoadAsync(Remote, server.Url);

        Assert.Equal("0.5 1", await sut.RunAsync(1, 2));
        Assert.Equal("""{"signature_name":"serving_default","inputs":{"x":[[1.0,2.0]]}}""", sent);
        Assert.Equal("x:FP32[-1,2] y:FP32[-1,2] Dynamic", LoadedRemote.Text(sut.Session.Signature));
    }

    [Fact]
    public async Task RunAsync_FlatOutputOfADimensionOfZero_IsAnInvalidResponse()
    {
        await using var server = await PeerServer.StartAsync();
        server.Answer($"{Path}/metadata", Metadata(Entry("x", "DT_FLOAT", "-1", "2"), Entry("y", "DT_FLOAT", "-1", "0")));
        server.Answer($"{Path}:predict", """{"outputs":[1]}""");
        await using var sut = await LoadedRemote.LoadAsync(Remote, server.Url);

        var error = await Assert.ThrowsAsync<InferenceException>(() => sut.RunAsync(1, 2));

        Assert.Contains("sent an invalid response", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RunAsync_SeveralOutputs_AreNamed()
    {
        await using var server = await PeerServer.StartAsync();
        server.Answer(
            $"{Path}/metadata", Metadata(Entry("x", "DT_FLOAT", "-1", "2"), $"{Entry("a", "DT_STRING", "-1")},{Entry("b", "DT_INT64")}"));
        server.Answer($"{Path}:predict", """{"outputs":{"b":7,"a":["no","yes"]}}""");
        await using var sut = await LoadedRemote.LoadAsync(Remote, server.Url);
        using var input = Tensor.Create<float>(ElementType.Float32, new Shape(2, 2), [1, 2, 3, 4]);

        var outputs = await sut.Session.RunAsync([input], [1, 0], CancellationToken.None);

        Assert.Equal(
            ("[] 7", "[2]", 13), ($"{outputs[0].Shape} {outputs[0].Values<long>()[0]}", $"{outputs[1].Shape}", outputs[1].Data.Length));
        foreach (var output in outputs)
            output.Dispose();
    }

    [Fact]
    public async Task RunAsync_ValuesThatPlainJsonCannotRepresent_RoundTrips()
    {
        await using var server = await PeerServer.StartAsync();
        server.Answer($"{Path}/metadata",
            Metadata($"{Entry("x", "DT_FLOAT", "-1")},{Entry("s", "DT_STRING", "-1")}",
                $"{Entry("y", "DT_FLOAT", "-1")},{Entry("t", "DT_STRING", "-1")}"));
        string? sent = null;
        server.Handlers[$"{Path}:predict"] = async context =>
        {
            sent = await new StreamReader(context.Request.Body).ReadToEndAsync();
            await PeerServer.WriteAsync(context, 200, """{"outputs":{"y":[NaN, -Infinity, Infinity, 1],"t":["NaN", {"b64":"//8="}]}}""");
        };
        await using var sut = await LoadedRemote.LoadAsync(Remote, server.Url);
        using var numbers = Tensor.Create<float>(ElementType.Float32, new Shape(3), [float.NaN, float.NegativeInfinity, 2]);
        using var builder = new TensorBuilder(ElementType.Bytes);
        builder.AppendBytes([0xFF, 0xFE]);
        builder.AppendBytes("text"u8);
        using var strings = builder.Build(new Shape(2));

        var outputs = await sut.Session.RunAsync([numbers, strings], [0, 1], CancellationToken.None);

        Assert.Equal("""{"signature_name":"serving_default","inputs":{"x":[NaN,-Infinity,2.0],"s":[{"b64":"//4="},"text"]}}""", sent);
        Assert.Equal([float.NaN, float.NegativeInfinity, float.PositiveInfinity, 1], outputs[0].Values<float>().ToArray());
        Assert.Equal([3, 0, 0, 0, .. "NaN"u8, 2, 0, 0, 0, 0xFF, 0xFF], outputs[1].Data.ToArray());
        foreach (var output in outputs)
            output.Dispose();
    }

    [Fact]
    public async Task RunAsync_ServersError_IsReported()
    {
        await using var server = await PeerServer.StartAsync();
        server.Answer($"{Path}/metadata", Metadata(Entry("x", "DT_FLOAT", "-1", "2"), Entry("y", "DT_FLOAT", "-1", "2")));
        server.Refuse($"{Path}:predict", 400, """{ "error": "input size does not match signature" }""");
        await using var sut = await LoadedRemote.LoadAsync(Remote, server.Url);

        var error = await sut.FailAsync();

        Assert.Equal(InferenceError.RuntimeFailure, error.Error);
        Assert.EndsWith("responded with 400: input size does not match signature", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"dtype":"DT_RESOURCE","tensor_shape":{"dim":[]}}""", "DT_RESOURCE")]
    [InlineData("""{"dtype":"DT_FLOAT","tensor_shape":{"unknown_rank":true}}""", "the rank of \"x\" is not known")]
    [InlineData("""{"dtype":"DT_FLOAT","tensor_shape":{"dim":[7]}}""", "a dimension has no size")]
    [InlineData("""{"dtype":"DT_FLOAT"}""", "tensor_shape")]
    public async Task LoadAsync_SignatureThatIsNoneHere_NamesTheReason(string tensor, string expected)
    {
        await using var server = await PeerServer.StartAsync();
        server.Answer($"{Path}/metadata", Metadata($"\"x\":{tensor}", Entry("y", "DT_FLOAT", "-1")));

        var error = await Assert.ThrowsAsync<InferenceException>(() => LoadedRemote.LoadAsync(Remote, server.Url));

        AssertText.Contains(expected, error.Message);
    }

    private static string Entry(string name, string type, params string[] sizes) =>
        $$$"""
        "{{{name}}}":{"dtype":"{{{type}}}","tensor_shape":{"dim":[{{{string.Join(',', sizes.Select(size => $$"""{"size":"{{size}}","name":""}"""))}}}],"unknown_rank":false},"name":"{{{name}}}:0"}
        """;

    private static string Metadata(string inputs, string outputs) =>
        """
        {"model_spec":{"name":"half","signature_name":"","version":"3"},"metadata":{"signature_def":{"signature_def":{"serving_default":
          {"inputs":{INPUTS},"outputs":{OUTPUTS},"method_name":"tensorflow/serving/predict"}}}}}
        """.Replace("INPUTS", inputs, StringComparison.Ordinal).Replace("OUTPUTS", outputs, StringComparison.Ordinal);
}
