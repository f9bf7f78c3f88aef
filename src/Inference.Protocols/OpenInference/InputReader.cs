using System.Text.Json;
using Inference.Protocols.Json;
using Inference.Requests;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Reads one element of "inputs", whose members may be in any order.</summary>
internal ref struct InputReader
{
    private readonly string _path;
    private readonly ReadOnlySpan<byte> _body;
    private readonly InputNameCheck _nameCheck;
    private bool _hasName;
    private bool _hasType;
    private bool _hasShape;
    private bool _hasParameters;
    private bool _hasData;
    private string _name;
    private ElementType _type;
    private Shape _shape;
    private long? _binarySize;
    private string? _contentType;
    private Tensor? _tensor;

    /// <summary>
    /// The reader at the start of data that precede the name, type or shape. Such data are skipped first, and read when these members are
    /// known.
    /// </summary>
    private Utf8JsonReader _skippedData;

    private InputReader(string path, ReadOnlySpan<byte> body, InputNameCheck nameCheck)
    {
        (_path, _name, _nameCheck) = (path, "", nameCheck);
        _body = body;
    }

    public static RequestInput Read(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> body, BinaryInputs binary, InputNameCheck nameCheck, string path)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, path, "an object");
        var input = new InputReader(path, body, nameCheck);
        try
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                input.ReadMember(ref reader);
                reader.Skip();
            }

            return input.ToInput(binary);
        }
        catch
        {
            input._tensor?.Dispose();
            throw;
        }
    }

    private void ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("name"))
        {
            JsonText.ReadOnce(ref reader, ref _hasName, $"{_path}.name");
            _name = JsonText.ReadString(ref reader, $"{_path}.name");
            _nameCheck.ThrowIfInvalid(_name, _path);
        }
        else if (reader.ValueTextEquals("datatype"))
        {
            JsonText.ReadOnce(ref reader, ref _hasType, $"{_path}.datatype");
            _type = ReadType(ref reader);
        }
        else if (reader.ValueTextEquals("shape"))
        {
            JsonText.ReadOnce(ref reader, ref _hasShape, $"{_path}.shape");
            _shape = ReadShape(ref reader);
        }
        else if (reader.ValueTextEquals("parameters"))
        {
            if (JsonText.TryReadOnce(ref reader, ref _hasParameters, $"{_path}.parameters"))
                ReadParameters(ref reader);
        }
        else if (reader.ValueTextEquals("data"))
        {
            if (!JsonText.TryReadOnce(ref reader, ref _hasData, $"{_path}.data"))
                return;
            if (_hasName && _hasType && _hasShape)
                _tensor = ReadData(ref reader);
            else
                _skippedData = reader;
        }
    }

    private readonly ElementType ReadType(ref Utf8JsonReader reader)
    {
        var name = JsonText.ReadString(ref reader, $"{_path}.datatype");
        return ElementTypes.TryParse(name, out var type)
            ? type
            : throw InferenceException.InvalidRequest(
                $"{_path}.datatype: \"{Quote.Shorten(name)}\" is not a type of the protocol (FP32, INT64, BYTES, ...).",
                ErrorReason.InvalidType);
    }

    private readonly Shape ReadShape(ref Utf8JsonReader reader)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartArray, $"{_path}.shape", "an array");
        Span<long> dimensions = stackalloc long[Shape.MaxRank];
        var rank = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == Shape.MaxRank || !JsonText.TryReadInteger(ref reader, out dimensions[rank]) || dimensions[rank] < 0)
                throw InferenceException.InvalidRequest($"{_path}.shape is not an array of at most {Shape.MaxRank} whole numbers from 0.");
            rank++;
        }

        return new Shape(dimensions[..rank]);
    }

    private void ReadParameters(ref Utf8JsonReader reader)
    {
        JsonText.ThrowIfNot(ref reader, JsonTokenType.StartObject, $"{_path}.parameters", "an object");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("binary_data_size"))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Null)
                    continue;
                if (!JsonText.TryReadInteger(ref reader, out var size) || size < 0)
                    throw InferenceException.InvalidRequest($"{_path}.parameters.binary_data_size is not a whole number of bytes from 0.");
                _binarySize = size;
            }
            else if (reader.ValueTextEquals(ContentType.Parameter) && !_nameCheck.IsForResponse)
            {
                reader.Read();
                if (reader.TokenType != JsonTokenType.Null)
                    _contentType = JsonText.ReadString(ref reader, $"{_path}.parameters.{ContentType.Parameter}");
            }
            else if (!_nameCheck.IsForResponse)
            {
                RequestParameters.ThrowIfSharedMemory(ref reader, _path);
            }

            reader.Skip();
        }
    }

    private readonly Tensor ReadData(ref Utf8JsonReader reader)
    {
        // An element needs at least a character and a separator. This check precedes any allocation.
        if (!_shape.TryCount(out var count) || count > (_body.Length + 1) / 2)
        {
            throw InferenceException.InvalidRequest(
                $"{_path}.shape {_shape} declares more elements than the body of {Counted.Text(_body.Length, "byte")} can hold.",
                ErrorReason.InvalidShape);
        }

        using var builder = new TensorBuilder(_type, (int)count * _type.Size());
        var nesting = JsonTensorReader.Read(ref reader, _body, builder, $"{_path}.data", count);
        if (builder.Count != count)
        {
            throw InferenceException.InvalidRequest(
                $"{_path}.data has {Counted.Text(builder.Count, "element")}, but its shape {_shape} declares {count}.",
                ErrorReason.InvalidShape);
        }

        // Nested arrays do not show the sizes of the dimensions after a dimension of size 0.
        if (count > 0 && nesting.Rank != 1 && nesting != _shape)
        {
            throw InferenceException.InvalidRequest(
                $"{_path}.data is nested as {nesting}, but its shape is {_shape}; it may also be flat.", ErrorReason.InvalidShape);
        }

        return builder.Build(_shape);
    }

    private RequestInput ToInput(BinaryInputs binary)
    {
        var missing = !_hasName ? "name" : !_hasType ? "datatype" : !_hasShape ? "shape" : !_hasData && _binarySize is null ? "data" : null;
        if (missing is not null)
            throw InferenceException.InvalidRequest($"{_path}.{missing} is missing.");
        if (_hasData && _binarySize is not null)
        {
            throw InferenceException.InvalidRequest(
                $"{_path} has its data twice: as \"data\", and as the binary data that \"binary_data_size\" declares. Send one of them.");
        }

        _tensor ??= _binarySize is { } size ? binary.ReadTensor(_type, _shape, size, _path) : ReadData(ref _skippedData);
        var tensor = _tensor;
        _tensor = null;
        return new RequestInput(_name, ContentType.Decode(tensor, _contentType, _path), _path);
    }
}
