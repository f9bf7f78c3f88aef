using Inference.Remote.Tests.Support;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Remote.Tests;

/// <summary>
/// Tests services with their own JSON format: model_service.py in a process of its own, and a server whose responses a test sets.
/// </summary>
public sealed class JsonServiceTests
{
    private const string Service = """
        {"kind":"json","url":"{url}/score","json":{
          "request":{"threshold":0.5},
          "inputs":[{"name":"rows","datatype":"FP32","shape":[-1,2],"at":"/data/rows"}],
          "outputs":[{"name":"doubled","datatype":"FP32","shape":[-1,2],"at":"/result/1/doubled"},{"name":"sums","datatype":"FP64","shape":[-1,1],"at":"/result/0/sums"}]}}
        """;

    [Fact]
    public async Task RunAsync_PythonService_ReceivesAndReturnsTensors()
    {
        using var service = await PythonService.StartAsync();
        await using var sut = await LoadedRemote.LoadAsync(Service, service.Url);
        using var input = Tensor.Create<float>(ElementType.Float32, new Shape(2, 2), [1, 2, 3, 4.5f]);

        var outputs = await sut.Session.RunAsync([input], [1, 0], CancellationToken.None);

        Assert.Equal("rows:FP32[-1,2] doubled:FP32[-1,2] sums:FP64[-1,1] Dynamic", LoadedRemote.Text(sut.Session.Signature));
        // The service returns an array of numbers, which becomes a column.
        Assert.Equal(new Shape(2, 1), outputs[0].Shape);
        Assert.Equal([3, 7.5], outputs[0].Values<double>().ToArray());
        Assert.Equal([2, 4, 6, 9], outputs[1].Values<float>().ToArray());
        foreach (var output in outputs)
            output.Dispose();
    }

    [Fact]
    public async Task RunAsync_PythonServiceRefuses_CallerReceivesTheReason()
    {
        using var service = await PythonService.StartAsync();
        await using var sut = await LoadedRemote.LoadAsync(Service, service.Url);

        var error = await Assert.ThrowsAsync<InferenceException>(() => sut.RunAsync(-1, 2));

        Assert.Equal(InferenceError.RuntimeFailure, error.Error);
        Assert.EndsWith("responded with 422: the values must not be negative", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"y":[[1,2]]} """, "1 2")]
    [InlineData("""{"a":{"y":0},"y":[1,2],"z":[]}""", "1 2")]
    [InlineData("""{"z":[[1,2]]}""", "/y, the position of output")]
    [InlineData("""{"y":[[1,2]]""", "")]
    [InlineData("""{"y":[[1,2],[3]]}""", "1 element,")]
    [InlineData("""{"y":[1,2,3]}""", "nested as [3]")]
    [InlineData("""{"y":"much"}""", "a string")]
    [InlineData("""[1,2]""", "/y, the position of output")]
    [InlineData("", "")]
    public async Task RunAsync_Answers(string response, string expected)
    {
        await using var server = await PeerServer.StartAsync();
        server.Answer("/", response);
        await using var sut = await LoadedRemote.LoadAsync(
            """{"kind":"json","url":"{url}","json":{"inputs":[{"name":"x","datatype":"FP32","shape":[-1,2],"at":"/x"}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,2],"at":"/y"}]}}""",
            server.Url);

        string result;
        try
        {
            result = await sut.RunAsync(5, 6);
        }
        catch (InferenceException e)
        {
            Assert.Equal(InferenceError.ModelUnavailable, e.Error);
            result = e.Message;
        }

        AssertText.Contains(expected, result);
        Assert.Equal(expected == "1 2", result == "1 2");
    }

    [Theory]
    [InlineData("{}", "/x", """{"x":[[1,2]]}""")]
    [InlineData("{}", "", "[[1,2]]")]
    [InlineData("""{"a":[{"b":0},7]}""", "/a/0/b", """{"a":[{"b":[[1,2]]},7]}""")]
    [InlineData("""{"a":[1]}""", "/a/0", """{"a":[[[1,2]]]}""")]
    [InlineData("""{"m":1}""", "/a/b~1c/0", """{"m":1,"a":{"b/c":{"0":[[1,2]]}}}""")]
    public async Task RunAsync_Template_IsFilledIn(string request, string at, string expected)
    {
        await using var server = await PeerServer.StartAsync();
        string? sent = null;
        server.Handlers["/"] = async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            sent = $"{context.Request.Method} {context.Request.ContentType} {await reader.ReadToEndAsync()}";
            await PeerServer.WriteAsync(context, 200, "[[1,2]]");
        };
        await using var sut = await LoadedRemote.LoadAsync(
            $$$"""{"kind":"json","url":"{url}","json":{"method":"PUT","request":{{{request}}},"inputs":[{"name":"x","datatype":"FP32","shape":[-1,2],"at":"{{{at}}}"}],"outputs":[{"name":"y","datatype":"FP32","shape":[-1,2],"at":""}]}}""",
            server.Url);

        await sut.RunAsync(1, 2);

        Assert.Equal($"PUT application/json {expected}", sent);
    }

    [Theory]
    [InlineData("/a", "/a")]
    [InlineData("/a", "/a/b")]
    [InlineData("/a/b", "/a")]
    [InlineData("/n/b", "/c")]
    [InlineData("/l/1", "/c")]
    [InlineData("/c", "")]
    public async Task LoadAsync_PointersThatCannotBe_AreNamed(string first, string second)
    {
        var error = await Assert.ThrowsAsync<InferenceException>(() => LoadedRemote.LoadAsync(
            $$$"""
            {"kind":"json","url":"http://127.0.0.1:1","json":{"request":{"n":1,"l":[0]},
             "inputs":[{"name":"x1","datatype":"FP32","shape":[-1],"at":"{{{first}}}"},{"name":"x2","datatype":"FP32","shape":[-1],"at":"{{{second}}}"}],
             "outputs":[{"name":"y","datatype":"FP32","shape":[-1],"at":""}]}}
            """));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("$.remote.json.inputs: \"at\" of input \"x", error.Message, StringComparison.Ordinal);
    }
}
