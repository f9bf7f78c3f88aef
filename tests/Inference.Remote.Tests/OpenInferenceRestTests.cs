using Inference.Models;
using Inference.Remote.Tests.Support;
using Inference.Tensors;
using Inference.Testing;

namespace Inference.Remote.Tests;

public sealed class OpenInferenceRestTests
{
    [Fact]
    public async Task RunAsync_Call_IsBinaryBothWaysAndSendsTheTimeLimit()
    {
        await using var server = await TritonDouble.StartAsync();
        string? request = null;
        server.Handlers[TritonDouble.Infer] = context => TritonDouble.DoubleAsync(context, json => request = json.GetRawText());
        await using var sut = await LoadedRemote.LoadAsync("""{"kind":"open-inference","url":"{url}","timeout":"00:05:00"}""", server.Url);

        var row = await sut.RunAsync(1.5f, -2);

        Assert.Equal("3 -4", row);
        Assert.Equal(
            """{"parameters":{"binary_data_output":true,"timeout":300000000},"inputs":[{"name":"x","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}],"outputs":[{"name":"y","parameters":{"binary_data":true}}]}""",
            request);
        Assert.Equal("x:FP32[-1,2] y:FP32[-1,2] Dynamic", LoadedRemote.Text(sut.Session.Signature));
    }

    [Fact]
    public async Task RunAsync_PathModelVersionHeadersAndKey_AreThoseOfTheSettings()
    {
        await using var server = await TritonDouble.StartAsync();
        string? headers = null;
        server.Answer("/far/v2/models/n/versions/7",
            """{"inputs":[{"name":"x","datatype":"FP32","shape":[1,2]}],"outputs":[{"name":"y","datatype":"FP32","shape":[1,2]}]}""");
        server.Handlers["/far/v2/models/n/versions/7/infer"] = context =>
        {
            headers = $"{context.Request.Headers["x-tenant"]} {context.Request.Headers.Authorization}";
            return TritonDouble.DoubleAsync(context);
        };
        await using var sut = await LoadedRemote.LoadAsync(
            """{"kind":"open-inference","url":"{url}/far/","model":"n","version":"7","headers":{"x-tenant":"a"},"keySetting":"known"}""",
            server.Url, key: "sesame");

        Assert.Equal("2 4", await sut.RunAsync(1, 2));
        Assert.Equal("a Bearer sesame", headers);
    }

    [Fact]
    public async Task LoadAsync_KeyIsNotSet_NamesTheSetting()
    {
        var error = await Assert.ThrowsAsync<InferenceException>(
            () => LoadedRemote.LoadAsync("""{"kind":"open-inference","url":"http://127.0.0.1:1","keySetting":"other"}"""));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("Remote__Keys__other", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(8, ItemAxis.Dynamic, 8)]
    [InlineData(0, ItemAxis.Dynamic, 32)]
    public async Task LoadAsync_ConfigurationOfTheServer_BoundsCallsAndLeavesTheItemAxis(int maxBatchSize, ItemAxis axis, int maxBatch)
    {
        await using var server = await TritonDouble.StartAsync();
        server.Answer("/v2/models/m/config", $$"""{"name":"m","max_batch_size":{{maxBatchSize}}}""");

        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);

        Assert.Equal((axis, maxBatch), (sut.Session.Signature.ItemAxis, sut.Session.Plan.MaxBatch));
    }

    [Fact]
    public async Task RunAsync_AnswerInJson_IsAcceptedToo()
    {
        await using var server = await TritonDouble.StartAsync();
        server.Answer(TritonDouble.Infer,
            """{"model_name":"m","outputs":[{"name":"z","datatype":"INT64","shape":[1],"data":[9]},{"name":"y","shape":[1,2],"datatype":"FP32","data":[[5,6.5]]}]}""");
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);

        Assert.Equal("5 6.5", await sut.RunAsync(1, 2));
    }

    [Fact]
    public async Task RunAsync_TextBothWays_IsWhole()
    {
        await using var server = await TritonDouble.StartAsync();
        server.Answer("/v2/models/m",
            """{"inputs":[{"name":"x","datatype":"BYTES","shape":[-1]}],"outputs":[{"name":"y","datatype":"BYTES","shape":[-1]}]}""");
        server.Handlers[TritonDouble.Infer] = context => TritonDouble.WriteBinaryAsync(
            context, """{"outputs":[{"name":"y","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":11}}]}""",
            [1, 0, 0, 0, (byte)'a', 2, 0, 0, 0, (byte)'b', (byte)'c']);
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);
        using var builder = new TensorBuilder(ElementType.Bytes);
        builder.AppendBytes("a"u8);
        builder.AppendBytes("bc"u8);
        using var input = builder.Build(new Shape(2));

        var output = Assert.Single(await sut.Session.RunAsync([input], [0], CancellationToken.None));

        Assert.Equal(input.Data.ToArray(), output.Data.ToArray());
        output.Dispose();
    }

    [Theory]
    [InlineData("<html>", "")]
    [InlineData("{}", "\"outputs\" is missing")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"data":[1,2]}]""", "")]
    [InlineData("""{"outputs":[{"name":"z","datatype":"FP32","shape":[1,2],"data":[1,2]}]}""", "output \"y\" is missing")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"INT32","shape":[1,2],"data":[1,2]}]}""", "is INT32, but the model's is FP32")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1,3],"data":[1,2]}]}""", "2 elements")]
    [InlineData("""{"outputs":[{"name":"y","datatype":"FP32","shape":[1,2],"parameters":{"binary_data_size":8}}]}""", "binary_data_size")]
    [InlineData(
        """{"outputs":[{"name":"y","datatype":"FP32","shape":[1],"data":[1]},{"name":"y","datatype":"FP32","shape":[1],"data":[1]}]}""",
        "given twice")]
    public async Task RunAsync_InvalidResponse_NamesTheProblem(string response, string expected)
    {
        await using var server = await TritonDouble.StartAsync();
        server.Answer(TritonDouble.Infer, response);
        await using var sut = await LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url);

        var error = await sut.FailAsync();

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
        Assert.Contains("sent an invalid response", error.Message, StringComparison.Ordinal);
        AssertText.Contains(expected, error.Message);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("""{"inputs":[],"outputs":[]}""")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"FP32","shape":[-2]}],"outputs":[{"name":"y","datatype":"FP32","shape":[1]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"COMPLEX","shape":[1]}],"outputs":[{"name":"y","datatype":"FP32","shape":[1]}]}""")]
    [InlineData("""{"inputs":[{"name":"x","datatype":"FP32","shape":[null]}],"outputs":[{"name":"y","datatype":"FP32","shape":[1]}]}""")]
    public async Task LoadAsync_InvalidMetadata_DoesNotLoad(string metadata)
    {
        await using var server = await TritonDouble.StartAsync();
        server.Answer("/v2/models/m", metadata);

        var error = await Assert.ThrowsAsync<InferenceException>(() => LoadedRemote.LoadAsync(TritonDouble.Remote, server.Url));

        Assert.Equal(InferenceError.ModelUnavailable, error.Error);
    }
}
