using System.Buffers;
using Inference.Protocols.Protobuf;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>Reads an <c>InferInputTensor</c> and its data: its own contents, or its entry of <c>raw_input_contents</c>.</summary>
internal static class InferInputReader
{
    /// <summary>Reads an input. A repeated name is refused before the data takes memory.</summary>
    /// <param name="raw">The input's entry of <c>raw_input_contents</c>; null when the message has none.</param>
    /// <param name="request">The request with the inputs so far.</param>
    /// <param name="path">The path of the input, for messages.</param>
    public static RequestInput Read(ReadOnlySequence<byte> input, ReadOnlySequence<byte>? raw, PredictionRequest request, string path)
    {
        var (name, datatype) = ("", "");
        string? contentType = null;
        Span<long> shape = stackalloc long[Shape.MaxRank];
        var rank = 0;
        ReadOnlySequence<byte>? contents = null;
        var reader = new WireReader(input);
        while (reader.TryReadTag(out var field, out var type))
        {
            if (field is 1 or 2 or 4 or 5)
                reader.Expect(type, WireType.Bytes);
            switch (field)
            {
                case 1:
                    name = reader.ReadString();
                    break;
                case 2:
                    datatype = reader.ReadString();
                    break;
                case 3:
                    ReadDimensions(ref reader, type, shape, ref rank, path);
                    break;
                case 4:
                    ReadParameter(InferParameter.Read(reader.ReadBytes()), ref contentType, path);
                    break;
                case 5 when contents is not null:
                    throw InferenceException.InvalidRequest($"{path}.contents is given twice.");
                case 5:
                    contents = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        request.ThrowIfGiven(name, path);
        var tensor = ReadData(datatype, new Shape(shape[..rank]), contents, raw, path);
        return new RequestInput(name, ContentType.Decode(tensor, contentType, path), path);
    }

    private static void ReadParameter(InferParameter parameter, ref string? contentType, string path)
    {
        RequestParameters.ThrowIfSharedMemory(parameter.Name, path);
        if (parameter.Name == ContentType.Parameter)
            contentType = parameter.ReadText($"{path}.parameters");
    }

    /// <summary>Reads dimensions: packed, as clients usually write them, or one by one, as protobuf allows.</summary>
    private static void ReadDimensions(ref WireReader reader, WireType type, scoped Span<long> shape, ref int rank, string path)
    {
        if (type == WireType.Varint)
        {
            AddDimension((long)reader.ReadVarint(), shape, ref rank, path);
            return;
        }

        reader.Expect(type, WireType.Bytes);
        var packed = new WireReader(reader.ReadBytes());
        while (!packed.AtEnd)
            AddDimension((long)packed.ReadVarint(), shape, ref rank, path);
    }

    private static void AddDimension(long dimension, scoped Span<long> shape, ref int rank, string path)
    {
        if (rank == Shape.MaxRank || dimension < 0)
            throw InferenceException.InvalidRequest($"{path}.shape is not at most {Shape.MaxRank} whole numbers from 0.");
        shape[rank++] = dimension;
    }

    private static Tensor ReadData(string datatype, Shape shape, ReadOnlySequence<byte>? contents, ReadOnlySequence<byte>? raw, string path)
    {
        if (!ElementTypes.TryParse(datatype, out var type))
        {
            throw InferenceException.InvalidRequest(
                $"{path}.datatype: \"{Quote.Of(datatype)}\" is not a type of the protocol (FP32, INT64, BYTES, ...).");
        }

        if (raw is not { } bytes)
            return TypedContentsReader.Read(contents ?? ReadOnlySequence<byte>.Empty, type, shape, path);
        // Some clients write every field and send an empty contents message.
        if (contents is { IsEmpty: false })
            throw InferenceException.InvalidRequest($"{path} has its data twice: as contents, and in raw_input_contents.");
        return TensorData.Copy(type, shape, bytes, path);
    }
}
