using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Inference.Protocols.OpenInference.Grpc.Messages;
using Inference.Testing;

namespace Functions.Tests.OpenInferenceGrpc;

/// <summary>Tests infer calls over gRPC, with a client that protobuf's own tools generate.</summary>
public sealed class GrpcInferTests(GrpcInferTests.Server server) : IClassFixture<GrpcInferTests.Server>
{
    private static readonly string[] Identities =
    [
        "bool", "uint8", "uint16", "uint32", "uint64", "int8", "int16", "int32", "int64", "float16", "bfloat16", "float", "double",
        "string",
    ];

    [Theory]
    [InlineData("bool", "BOOL", new byte[] { 1, 0, 1 })]
    [InlineData("uint8", "UINT8", new byte[] { 0, 128, 255 })]
    [InlineData("int8", "INT8", new byte[] { 0, 128, 255 })]
    [InlineData("uint16", "UINT16", new byte[] { 1, 2, 255, 255 })]
    [InlineData("int16", "INT16", new byte[] { 1, 2, 0, 128 })]
    [InlineData("float16", "FP16", new byte[] { 0, 60, 0, 124 })]
    [InlineData("bfloat16", "BF16", new byte[] { 128, 63, 128, 127 })]
    [InlineData("uint32", "UINT32", new byte[] { 1, 2, 3, 255 })]
    [InlineData("int32", "INT32", new byte[] { 1, 2, 3, 255 })]
    [InlineData("float", "FP32", new byte[] { 0, 0, 192, 127, 0, 0, 128, 255 })]
    [InlineData("uint64", "UINT64", new byte[] { 1, 2, 3, 4, 5, 6, 7, 255 })]
    [InlineData("int64", "INT64", new byte[] { 1, 2, 3, 4, 5, 6, 7, 255 })]
    [InlineData("double", "FP64", new byte[] { 1, 2, 3, 4, 5, 6, 240, 255 })]
    [InlineData("string", "BYTES", new byte[] { 2, 0, 0, 0, 195, 188, 0, 0, 0, 0 })]
    public async Task ModelInfer_RawContentsOfEveryType_ComeBackBitForBit(string model, string datatype, byte[] data)
    {
        var size = datatype == "BYTES" ? data.Length / 2 : data.Length / SizeOf(datatype);
        var response =
            await server.Client.ModelInferAsync(GrpcServer.Raw($"identity_{model}", "x", datatype, [datatype == "BYTES" ? 2 : size], data));

        Assert.Equal(datatype, response.Outputs.Single().Datatype);
        Assert.Equal(data, response.RawOutputContents.Single().ToByteArray());
        Assert.Null(response.Outputs[0].Contents);
    }

    [Fact]
    public async Task ModelInfer_TypedContentsOfEveryType_AreReturnedAsRequested()
    {
        await CheckAsync("bool", "BOOL", 2, new() { BoolContents = { true, false } });
        await CheckAsync("uint8", "UINT8", 2, new() { UintContents = { 0, 255 } });
        await CheckAsync("uint16", "UINT16", 2, new() { UintContents = { 0, 65535 } });
        await CheckAsync("uint32", "UINT32", 2, new() { UintContents = { 0, uint.MaxValue } });
        await CheckAsync("uint64", "UINT64", 2, new() { Uint64Contents = { 0, ulong.MaxValue } });
        await CheckAsync("int8", "INT8", 3, new() { IntContents = { sbyte.MinValue, -1, sbyte.MaxValue } });
        await CheckAsync("int16", "INT16", 2, new() { IntContents = { short.MinValue, short.MaxValue } });
        await CheckAsync("int32", "INT32", 2, new() { IntContents = { int.MinValue, int.MaxValue } });
        await CheckAsync("int64", "INT64", 2, new() { Int64Contents = { long.MinValue, long.MaxValue } });
        await CheckAsync("float", "FP32", 3, new() { Fp32Contents = { float.NaN, -0f, float.MaxValue } });
        await CheckAsync("double", "FP64", 2, new() { Fp64Contents = { double.NegativeInfinity, double.Epsilon } });
        await CheckAsync("string", "BYTES", 3,
            new() { BytesContents = { ByteString.CopyFromUtf8("ü"), ByteString.Empty, ByteString.CopyFromUtf8("abc") } });

        async Task CheckAsync(string model, string datatype, long count, InferTensorContents contents)
        {
            var request = Typed($"identity_{model}", datatype, count, contents);
            var either = await server.Client.ModelInferAsync(request);
            request.Parameters.Add("binary_data_output", new InferParameter { BoolParam = false });
            var typed = await server.Client.ModelInferAsync(request);
            request.Parameters["binary_data_output"].BoolParam = true;
            var raw = await server.Client.ModelInferAsync(request);

            Assert.Equal(contents, either.Outputs.Single().Contents);
            Assert.Equal([count], either.Outputs[0].Shape);
            Assert.Equal(either.RawOutputContents, raw.RawOutputContents);
            Assert.Equal(either.Outputs, typed.Outputs);
            Assert.Single(raw.RawOutputContents);
            Assert.Null(raw.Outputs.Single().Contents);
            Assert.Empty(typed.RawOutputContents);
        }
    }

    [Theory]
    [InlineData]
    [InlineData(1)]
    public async Task ModelInfer_AScalar_IsAlsoAcceptedAsOneElement(params long[] shape)
    {
        var response = await server.Client.ModelInferAsync(GrpcServer.Raw("scalar", "x", "FP32", shape, BitConverter.GetBytes(41f)));

        Assert.Empty(response.Outputs.Single().Shape);
        Assert.Equal(42, BitConverter.ToSingle(response.RawOutputContents.Single().Span));
    }

    [Fact]
    public async Task ModelInfer_Everything_IsEchoedOrChosen()
    {
        var request = Typed("two_in_two_out", "FP32", 3, new() { Fp32Contents = { 1, 2, 3 } });
        request.Inputs[0].Name = "b";
        request.Inputs[0].Shape.Insert(0, 1);
        request.Inputs.Add(request.Inputs[0].Clone());
        request.Inputs[1].Name = "a";
        request.ModelVersion = "1";
        request.Id = "42";
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "product" });
        request.Parameters.Add("binary_data_output", new InferParameter { BoolParam = true });

        var response = await server.Client.ModelInferAsync(request);

        Assert.Equal(("two_in_two_out", "1", "42"), (response.ModelName, response.ModelVersion, response.Id));
        Assert.Equal("product", response.Outputs.Single().Name);
        Assert.Equal([1f, 4, 9], MemoryMarshal.Cast<byte, float>(response.RawOutputContents.Single().Span).ToArray());
    }

    [Fact]
    public async Task ModelInfer_LargeTensor_TravelsInOneMessage()
    {
        var text = new byte[12_000_000];
        text.AsSpan().Fill((byte)'a');
        byte[] data = [.. BitConverter.GetBytes(text.Length), .. text];

        var response = await server.Client.ModelInferAsync(GrpcServer.Raw("identity_string", "x", "BYTES", [1], data));

        Assert.True(response.RawOutputContents.Single().Span.SequenceEqual(data));
    }

    [Fact]
    public async Task ModelInfer_MapForEachItem_IsKeysAndValues()
    {
        var request = GrpcServer.Raw("zipmap", "x", "FP32", [1, 2], [.. BitConverter.GetBytes(0.25f), .. BitConverter.GetBytes(0.75f)]);
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "scores" });

        var response = await server.Client.ModelInferAsync(request);

        Assert.Equal(["scores.keys BYTES", "scores.values FP32"], response.Outputs.Select(output => $"{output.Name} {output.Datatype}"));
        Assert.Equal([1, 0, 0, 0, (byte)'0', 1, 0, 0, 0, (byte)'1'], response.RawOutputContents[0].ToByteArray());
        Assert.Equal([.. BitConverter.GetBytes(0.25f), .. BitConverter.GetBytes(0.75f)], response.RawOutputContents[1].ToByteArray());
    }

    [Theory]
    [InlineData("other", "", StatusCode.NotFound, "There is no model other")]
    [InlineData("../etc", "", StatusCode.NotFound, "No model has this name")]
    [InlineData("identity_float", "2", StatusCode.NotFound, "2")]
    [InlineData("maybe_absent", "", StatusCode.Unavailable, "OptionalHasElement")]
    public async Task ModelInfer_ModelThatIsNotServed_NamesTheReason(string model, string version, StatusCode code, string message)
    {
        var request = GrpcServer.Raw(model, "x", "FP32", [1], new byte[4]);
        request.ModelVersion = version;

        var error = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.ModelInferAsync(request));

        Assert.Equal(code, error.StatusCode);
        AssertText.Contains(message, error.Status.Detail);
        Assert.Equal(code == StatusCode.Unavailable, error.Trailers.Get("grpc-retry-pushback-ms") is not null);
    }

    [Theory]
    [InlineData("FP32", 2, "takes 8 bytes")]
    [InlineData("INT32", 1, "takes FP32")]
    [InlineData("FLOAT", 1, "is not a type of the protocol")]
    [InlineData("FP32", -1, "whole numbers from 0")]
    public async Task ModelInfer_WrongRequest_IsInvalidArgument(string datatype, long size, string message)
    {
        var error = await Assert.ThrowsAsync<RpcException>(
            async () => await server.Client.ModelInferAsync(GrpcServer.Raw("identity_float", "x", datatype, [size], new byte[4])));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        AssertText.Contains(message, error.Status.Detail);
    }

    [Theory]
    [InlineData("request", "parameters.content_type is not a string_param")]
    [InlineData("input", "inputs[0].parameters.content_type is not a string_param")]
    [InlineData("output", "outputs[0].parameters.content_type is not a string_param")]
    public async Task ModelInfer_ContentTypeThatIsNoText_IsRefused(string level, string message)
    {
        foreach (var value in (InferParameter[])[new() { BoolParam = false }, new() { Int64Param = 0 }, new() { DoubleParam = 1 }])
        {
            var request = GrpcServer.Raw("identity_float", "x", "FP32", [1], new byte[4]);
            request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor { Name = "y" });
            var parameters = level == "request"
                ? request.Parameters
                : level == "input" ? request.Inputs[0].Parameters : request.Outputs[0].Parameters;
            parameters.Add("content_type", value);

            var error = await Assert.ThrowsAsync<RpcException>(async () => await server.Client.ModelInferAsync(request));

            Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
            Assert.StartsWith(message, error.Status.Detail, StringComparison.Ordinal);
        }
    }

    /// <summary>The server computes the keys for the labels, but does not return them.</summary>
    [Fact]
    public async Task ModelInfer_ClassesOfTheValuesOfAMap_HaveTheKeysAsLabels()
    {
        var request = GrpcServer.Raw("zipmap", "x", "FP32", [1, 2], [.. BitConverter.GetBytes(0.25f), .. BitConverter.GetBytes(0.75f)]);
        request.Outputs.Add(new ModelInferRequest.Types.InferRequestedOutputTensor
        {
            Name = "scores.values",
            Parameters = { ["classification"] = new InferParameter { Int64Param = 1 } },
        });

        var response = await server.Client.ModelInferAsync(request);

        Assert.Equal("scores.values", Assert.Single(response.Outputs).Name);
        Assert.Equal("0.75:1:1", Assert.Single(response.RawOutputContents).ToStringUtf8()[sizeof(int)..]);
    }

    private static int SizeOf(string datatype) => datatype switch
    {
        "BOOL" => 1,
        "BF16" => 2,
        _ => int.Parse(datatype.AsSpan().TrimStart("UINTFP"), System.Globalization.CultureInfo.InvariantCulture) / 8,
    };

    private static ModelInferRequest Typed(string model, string datatype, long count, InferTensorContents contents) => new()
    {
        ModelName = model,
        Inputs = { new ModelInferRequest.Types.InferInputTensor { Name = "x", Datatype = datatype, Shape = { count },
            Contents = contents } },
    };

    public sealed class Server : IAsyncLifetime
    {
        private GrpcServer? _server;

        internal GRPCInferenceService.GRPCInferenceServiceClient Client => _server!.Client;

        public async Task InitializeAsync() =>
            _server = await GrpcServer.StartAsync(
                [.. Identities.Select(type => $"identity_{type}"), "two_in_two_out", "scalar", "zipmap", "maybe_absent"]);

        public async Task DisposeAsync() => await _server!.DisposeAsync();
    }
}
