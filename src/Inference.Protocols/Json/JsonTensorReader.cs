using System.Globalization;
using System.Text;
using System.Text.Json;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>Reads a JSON value, or arrays of values nested to any depth, straight into a tensor's memory.</summary>
internal ref struct JsonTensorReader
{
    /// <summary>As deep as tensors come in practice, and as ONNX Runtime's kernels go.</summary>
    private const int MaxRank = 16;

    private const int Unknown = -1;

    private readonly TensorBuilder _builder;
    private readonly string _path;
    private readonly long _limit;
    private Depths _sizes;
    private Depths _counts;
    private int _depth;
    private int _rank = Unknown;

    private JsonTensorReader(TensorBuilder builder, string path, long limit)
    {
        (_builder, _path, _limit) = (builder, path, limit);
        ((Span<long>)_sizes).Fill(Unknown);
    }

    /// <summary>Reads the value the reader stands on, up to its last token.</summary>
    /// <param name="path">Where it stands in the request.</param>
    /// <param name="limit">More elements than this are refused as soon as they are met.</param>
    /// <returns>The nesting: <c>[]</c> for a bare value, <c>[2,3]</c> for two arrays of three.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: ragged arrays, an element of another kind or out of the type's range.
    /// </exception>
    public static Shape Read(ref Utf8JsonReader reader, TensorBuilder builder, string path, long limit = long.MaxValue)
    {
        var state = new JsonTensorReader(builder, path, limit);
        while (!state.Step(ref reader))
            reader.Read();
        return new Shape(((ReadOnlySpan<long>)state._sizes)[..state._rank]);
    }

    /// <summary>Takes one token; true after the last.</summary>
    private bool Step(ref Utf8JsonReader reader)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                Open(ref reader);
                return false;
            case JsonTokenType.EndArray:
                return Close();
            default:
                Append(ref reader);
                return _depth == 0;
        }
    }

    private void Open(ref Utf8JsonReader reader)
    {
        if (_depth == _rank)
            throw JsonText.Unexpected(ref reader, Path(), Expected);
        if (_depth == MaxRank)
            throw InferenceException.InvalidRequest($"{_path} is nested more than {MaxRank} deep.");
        _counts[_depth++] = 0;
    }

    private bool Close()
    {
        if (_rank == Unknown)
            _rank = _depth;
        var axis = --_depth;
        if (_sizes[axis] == Unknown)
            _sizes[axis] = _counts[axis];
        else if (_sizes[axis] != _counts[axis])
            throw InferenceException.InvalidRequest($"{Path()} has {_counts[axis]} elements, but the arrays before it have {_sizes[axis]}.");
        if (_depth > 0)
            _counts[_depth - 1]++;
        return _depth == 0;
    }

    private void Append(ref Utf8JsonReader reader)
    {
        if (_rank == Unknown)
            _rank = _depth;
        else if (_depth != _rank)
            throw JsonText.Unexpected(ref reader, Path(), "an array");
        if (_builder.Count == _limit)
            throw InferenceException.InvalidRequest($"{_path} has more than the {_limit} elements that its shape declares.");
        AppendElement(ref reader);
        if (_depth > 0)
            _counts[_depth - 1]++;
    }

    private readonly void AppendElement(ref Utf8JsonReader reader)
    {
        switch (_builder.Type)
        {
            case ElementType.Bool when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                _builder.Append(reader.TokenType == JsonTokenType.True);
                break;
            case ElementType.Bytes when reader.TokenType == JsonTokenType.String:
                AppendText(ref reader);
                break;
            case not (ElementType.Bool or ElementType.Bytes) when reader.TokenType == JsonTokenType.Number:
                if (!TryAppendNumber(ref reader))
                    throw InferenceException.InvalidRequest($"{Path()}: {Encoding.ASCII.GetString(reader.ValueSpan)} is not a value of {_builder.Type.Name()}.");
                break;
            default:
                throw JsonText.Unexpected(ref reader, Path(), Expected);
        }
    }

    private readonly bool TryAppendNumber(ref Utf8JsonReader reader) => _builder.Type switch
    {
        ElementType.UInt8 => reader.TryGetByte(out var value) && Done(value),
        ElementType.UInt16 => reader.TryGetUInt16(out var value) && Done(value),
        ElementType.UInt32 => reader.TryGetUInt32(out var value) && Done(value),
        ElementType.UInt64 => reader.TryGetUInt64(out var value) && Done(value),
        ElementType.Int8 => reader.TryGetSByte(out var value) && Done(value),
        ElementType.Int16 => reader.TryGetInt16(out var value) && Done(value),
        ElementType.Int32 => reader.TryGetInt32(out var value) && Done(value),
        ElementType.Int64 => reader.TryGetInt64(out var value) && Done(value),
        // A number too large parses as infinity, which no client wrote.
        ElementType.Float16 => reader.TryGetDouble(out var value) && Half.IsFinite((Half)value) && Done((Half)value),
        ElementType.BFloat16 => reader.TryGetSingle(out var value) && float.IsFinite(BFloat16.Widen(BFloat16.Round(value))) && Done(BFloat16.Round(value)),
        ElementType.Float32 => reader.TryGetSingle(out var value) && float.IsFinite(value) && Done(value),
        ElementType.Float64 => reader.TryGetDouble(out var value) && double.IsFinite(value) && Done(value),
        ElementType.Bool or ElementType.Bytes => false,
    };

    private readonly bool Done<T>(T value)
        where T : unmanaged
    {
        _builder.Append(value);
        return true;
    }

    private readonly void AppendText(ref Utf8JsonReader reader)
    {
        try
        {
            _builder.CommitBytes(reader.CopyString(_builder.ReserveBytes(reader.ValueSpan.Length)));
        }
        catch (InvalidOperationException e)
        {
            throw JsonText.NotText(Path(), e);
        }
    }

    private readonly string Expected => _builder.Type switch
    {
        ElementType.Bool => "true or false",
        ElementType.Bytes => "a string",
        _ => $"a number ({_builder.Type.Name()})",
    };

    /// <summary>The place the reader is at: <c>features[3][7]</c>.</summary>
    private readonly string Path()
    {
        var path = new StringBuilder(_path);
        for (var depth = 0; depth < _depth; depth++)
            path.Append(CultureInfo.InvariantCulture, $"[{_counts[depth]}]");
        return path.ToString();
    }

    [System.Runtime.CompilerServices.InlineArray(MaxRank)]
    private struct Depths
    {
        private long _first;
    }
}
