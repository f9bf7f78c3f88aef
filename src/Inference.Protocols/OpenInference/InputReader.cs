using System.Text.Json;
using Inference.Protocols.Json;
using Inference.Serving;
using Inference.Tensors;

namespace Inference.Protocols.OpenInference;

/// <summary>Reads one element of "inputs": its members in any order, its data last.</summary>
internal ref struct InputReader
{
    private readonly string _path;
    private bool _hasName;
    private bool _hasType;
    private bool _hasShape;
    private bool _hasData;
    private string _name;
    private ElementType _type;
    private Shape _shape;

    private InputReader(string path) => (_path, _name) = (path, "");

    public static RequestInput Read(ref Utf8JsonReader reader, string path, int bodyLength)
    {
        OpenInferenceReader.Expect(ref reader, JsonTokenType.StartObject, path, "an object");
        var input = new InputReader(path);
        // The data may come before the type and shape it is read by: then it is passed over and read afterwards.
        Utf8JsonReader data = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (input.ReadMember(ref reader))
                data = reader;
            reader.Skip();
        }

        return input.Finish(ref data, bodyLength);
    }

    /// <summary>Reads the member the reader stands on; true when it stands on the data then.</summary>
    private bool ReadMember(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("name"))
        {
            JsonText.ReadOnce(ref reader, ref _hasName, $"{_path}.name");
            _name = JsonText.ReadString(ref reader, $"{_path}.name");
        }
        else if (reader.ValueTextEquals("datatype"))
        {
            JsonText.ReadOnce(ref reader, ref _hasType, $"{_path}.datatype");
            var name = JsonText.ReadString(ref reader, $"{_path}.datatype");
            if (!ElementTypes.TryParse(name, out _type))
                throw InferenceException.InvalidRequest($"{_path}.datatype: \"{name}\" is not a type of the protocol (FP32, INT64, BYTES, ...).");
        }
        else if (reader.ValueTextEquals("shape"))
        {
            JsonText.ReadOnce(ref reader, ref _hasShape, $"{_path}.shape");
            _shape = ReadShape(ref reader);
        }
        else if (reader.ValueTextEquals("data"))
        {
            JsonText.ReadOnce(ref reader, ref _hasData, $"{_path}.data");
            return true;
        }

        return false;
    }

    private readonly Shape ReadShape(ref Utf8JsonReader reader)
    {
        const int MaxRank = 16;
        OpenInferenceReader.Expect(ref reader, JsonTokenType.StartArray, $"{_path}.shape", "an array");
        Span<long> dimensions = stackalloc long[MaxRank];
        var rank = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (rank == MaxRank || reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out dimensions[rank]) || dimensions[rank] < 0)
                throw InferenceException.InvalidRequest($"{_path}.shape is not an array of at most {MaxRank} whole numbers from 0.");
            rank++;
        }

        return new Shape(dimensions[..rank]);
    }

    private readonly RequestInput Finish(ref Utf8JsonReader data, int bodyLength)
    {
        var missing = !_hasName ? "name" : !_hasType ? "datatype" : !_hasShape ? "shape" : !_hasData ? "data" : null;
        if (missing is not null)
            throw InferenceException.InvalidRequest($"{_path}.{missing} is missing.");
        if (_type is ElementType.Float16 or ElementType.BFloat16)
            throw InferenceException.InvalidRequest($"{_path}.datatype: {_type.Name()} has no JSON form in the protocol; POST /models/<model>/predict takes numbers for it.");
        // Every element takes a character and a separator at least: checked before any memory is taken.
        if (!_shape.TryCount(out var count) || count > (bodyLength + 1) / 2)
            throw InferenceException.InvalidRequest($"{_path}.shape {_shape} declares more elements than the body of {bodyLength} bytes can hold.");

        using var builder = new TensorBuilder(_type, (int)count * _type.Size());
        var nesting = JsonTensorReader.Read(ref data, builder, $"{_path}.data", count);
        if (builder.Count != count)
            throw InferenceException.InvalidRequest($"{_path}.data has {builder.Count} elements, but its shape {_shape} declares {count}.");
        if (nesting.Rank != 1 && nesting != _shape)
            throw InferenceException.InvalidRequest($"{_path}.data is nested as {nesting}, but its shape is {_shape}; it may also be flat.");
        return new RequestInput(_name, builder.Build(_shape), _path);
    }
}
