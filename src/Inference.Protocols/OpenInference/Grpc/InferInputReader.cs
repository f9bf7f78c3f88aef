using System.Buffers;
using Inference.Protocols.Protobuf;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference.Grpc;

/// <summary>Reads an <c>InferInputTensor</c>. Its data are its own contents, or its entry of <c>raw_input_contents</c>.</summary>
internal static class InferInputReader
{
    /// <summary>Reads an input. A repeated name is refused before the data takes memory.</summary>
    /// <param name="raw">The input's entry of <c>raw_input_contents</c>; null when the message has none.</param>
    /// <param name="request">The request with the inputs so far.</param>
    /// <param name="path">The path of the input, for messages.</param>
    public static RequestInput Read(ReadOnlySequence<byte> input, ReadOnlySequence<byte>? raw, PredictionRequest request, string path)
    {
        Span<long> dimensions = stackalloc long[Shape.MaxRank];
        var fields = new Fields(path);
        var reader = new WireReader(input);
        while (reader.TryReadTag(out var field, out var type))
            fields.Read(field, type, ref reader, dimensions);
        request.ThrowIfRepeated(fields.Name, path);
        var tensor = ReadData(fields.Datatype, new Shape(dimensions[..fields.Rank]), fields.Contents, raw, path);
        return new RequestInput(fields.Name, ContentType.Decode(tensor, fields.ContentType, path), path);
    }

    private static Tensor ReadData(string datatype, Shape shape, ReadOnlySequence<byte>? contents, ReadOnlySequence<byte>? raw, string path)
    {
        if (!ElementTypes.TryParse(datatype, out var type))
        {
            throw InferenceException.InvalidRequest(
                $"{path}.datatype: \"{Quote.Shorten(datatype)}\" is not a type of the protocol (FP32, INT64, BYTES, ...).");
        }

        if (raw is not { } bytes)
            return TypedContentsReader.Read(contents ?? ReadOnlySequence<byte>.Empty, type, shape, path);
        // Some clients write every field and send an empty contents message.
        if (contents is { IsEmpty: false })
        {
            throw InferenceException.InvalidRequest(
                $"{path} has its data twice: as contents, and in raw_input_contents. Send one of them.");
        }

        return TensorData.Copy(type, shape, bytes, path);
    }

    /// <summary>
    /// The fields of an input. The data are read when all fields are known. The numbers are the field numbers in open_inference.proto.
    /// </summary>
    private struct Fields(string path)
    {
        public string Name = "";
        public string Datatype = "";
        public string? ContentType;
        public ReadOnlySequence<byte>? Contents;

        /// <summary>The number of dimensions that were read.</summary>
        public int Rank;

        /// <param name="dimensions">Receives the dimensions of the shape.</param>
        public void Read(int field, WireType type, ref WireReader reader, scoped Span<long> dimensions)
        {
            if (field is 1 or 2 or 4 or 5)
                reader.ThrowIfTypeDiffers(type, WireType.Bytes);
            switch (field)
            {
                case 1:
                    Name = reader.ReadString();
                    break;
                case 2:
                    Datatype = reader.ReadString();
                    break;
                case 3:
                    ReadDimensions(ref reader, type, dimensions);
                    break;
                case 4:
                    ReadParameter(InferParameter.Read(reader.ReadBytes()));
                    break;
                case 5 when Contents is not null:
                    throw InferenceException.InvalidRequest($"{path}.contents is given twice.");
                case 5:
                    Contents = reader.ReadBytes();
                    break;
                default:
                    reader.Skip(type);
                    break;
            }
        }

        /// <summary>Reads dimensions: packed, as clients usually write them, or one by one, as protobuf allows.</summary>
        private void ReadDimensions(ref WireReader reader, WireType type, scoped Span<long> dimensions)
        {
            if (type == WireType.Varint)
            {
                AddDimension((long)reader.ReadVarint(), dimensions);
                return;
            }

            reader.ThrowIfTypeDiffers(type, WireType.Bytes);
            var packed = new WireReader(reader.ReadBytes());
            while (!packed.IsAtEnd)
                AddDimension((long)packed.ReadVarint(), dimensions);
        }

        private void AddDimension(long dimension, scoped Span<long> dimensions)
        {
            if (Rank == Shape.MaxRank || dimension < 0)
                throw InferenceException.InvalidRequest($"{path}.shape is not at most {Shape.MaxRank} whole numbers from 0.");
            dimensions[Rank++] = dimension;
        }

        private void ReadParameter(InferParameter parameter)
        {
            RequestParameters.ThrowIfSharedMemory(parameter.Name, path);
            if (parameter.Name == OpenInference.ContentType.Parameter)
                ContentType = parameter.ReadText($"{path}.parameters");
        }
    }
}
