using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Inference.Protocols.Json.BareWords;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <summary>
/// Reads a JSON value, or arrays nested to any depth, directly into a tensor's memory. Numbers make up nearly all of a body and are scanned
/// by hand. Other elements of an array are read by a separate <see cref="Utf8JsonReader"/>.
/// </summary>
internal ref partial struct JsonTensorReader
{
    private const int Unknown = -1;

    private readonly ReadOnlySpan<byte> _body;
    private readonly TensorBuilder _builder;
    private readonly string _path;
    private readonly long _limit;
    private readonly JsonDialect _dialect;

    /// <summary>The size of the arrays at each depth; <see cref="Unknown"/> until the first array at this depth ends.</summary>
    private PerDepth _sizes;

    /// <summary>The number of elements or inner arrays that were read so far, in the current array at each depth.</summary>
    private PerDepth _counts;
    private int _position;
    private int _depth;

    /// <summary>The depth of the elements; <see cref="Unknown"/> until the first element is read, or the first array ends.</summary>
    private int _rank = Unknown;

    private JsonTensorReader(ReadOnlySpan<byte> body, TensorBuilder builder, string path, long limit, JsonDialect dialect)
    {
        _body = body;
        (_builder, _path, _limit, _dialect) = (builder, path, limit, dialect);
        ((Span<long>)_sizes).Fill(Unknown);
    }

    /// <summary>Reads the current value of the reader. Afterwards the reader is at the last token of the value.</summary>
    /// <param name="body">The complete JSON that the reader reads.</param>
    /// <param name="path">The path of the value in the request.</param>
    /// <param name="limit">The maximum number of elements. A value with more elements is refused.</param>
    /// <returns>The shape of the nested arrays: <c>[]</c> for a bare value, <c>[2,3]</c> for two arrays of three elements.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.InvalidRequest"/>: arrays at the same depth differ in size, arrays are nested too deep, there are too many
    /// elements, or an element is not a value of the tensor's type.
    /// </exception>
    /// <exception cref="JsonException">The JSON is malformed.</exception>
    public static Shape Read(
        ref Utf8JsonReader reader,
        ReadOnlySpan<byte> body,
        TensorBuilder builder,
        string path,
        long limit = long.MaxValue,
        JsonDialect dialect = JsonDialect.Plain)
    {
        // For a bare number, the number is the whole text to scan.
        var state = new JsonTensorReader(reader.TokenType == JsonTokenType.Number ? reader.ValueSpan : body, builder, path, limit, dialect);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartArray:
                body.Overlaps(reader.ValueSpan, out state._position);
                state.ReadArrays();
                reader = JsonText.ResumeAfterArray(reader.CurrentState, body[state._position..]);
                break;
            case JsonTokenType.Number:
                state.ReadElements();
                break;
            default:
                state.ReadToken(ref reader);
                break;
        }

        return new Shape(((ReadOnlySpan<long>)state._sizes)[..state._rank]);
    }

    private void ReadArrays()
    {
        EnterArray();
        while (_depth > 0)
        {
            var next = Peek();
            if (next == '[')
            {
                EnterArray();
                continue;
            }

            // Where an element is expected, a closing bracket is valid only if the array is empty.
            if (next != ']' || _counts[_depth - 1] > 0)
                ReadElements();
            while (_depth > 0 && Peek() == ']')
                LeaveArray();
            if (_depth > 0 && Peek() != ',')
                throw JsonText.CreateMalformedError();
            if (_depth > 0)
                _position++;
        }
    }

    /// <summary>Returns the next byte that is not whitespace, or 0 at the end. JSON contains no 0 byte.</summary>
    private byte Peek()
    {
        for (; _position < _body.Length; _position++)
        {
            if (_body[_position] is not ((byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t'))
                return _body[_position];
        }

        return 0;
    }

    private void EnterArray()
    {
        if (_depth == _rank)
            throw JsonText.CreateUnexpectedTokenError(JsonTokenType.StartArray, FormatPath(), Expected);
        if (_depth == Shape.MaxRank)
            throw InferenceException.InvalidRequest($"{_path} is nested more than {Shape.MaxRank} deep.");
        _counts[_depth++] = 0;
        _position++;
    }

    private void LeaveArray()
    {
        if (_rank == Unknown)
            _rank = _depth;
        var axis = --_depth;
        if (_sizes[axis] == Unknown)
        {
            _sizes[axis] = _counts[axis];
        }
        else if (_sizes[axis] != _counts[axis])
        {
            throw InferenceException.InvalidRequest(
                $"{FormatPath()} has {Counted.Text(_counts[axis], "element")}, but the arrays before it have {_sizes[axis]}.",
                ErrorReason.InvalidShape);
        }

        if (_depth > 0)
            _counts[_depth - 1]++;
        _position++;
    }

    /// <summary>Reads consecutive numbers, or one element that is not a number.</summary>
    private void ReadElements()
    {
        if (_position < _body.Length && IsNumberStart(_body[_position]) && _builder.Type != ElementType.Bytes)
        {
            ThrowIfDepthDiffers(JsonTokenType.Number);
            ReadNumbers();
            return;
        }

        var reader = new Utf8JsonReader(_body[_position..], JsonText.ReaderOptions);
        reader.Read();
        ReadToken(ref reader);
        _position += (int)reader.BytesConsumed;
    }

    private void ReadToken(ref Utf8JsonReader reader)
    {
        ThrowIfDepthDiffers(reader.TokenType);
        switch (_builder.Type)
        {
            case ElementType.Bool when reader.TokenType is JsonTokenType.True or JsonTokenType.False:
                ThrowIfFull();
                _builder.Append(reader.TokenType == JsonTokenType.True);
                break;
            case ElementType.Bytes when reader.TokenType == JsonTokenType.String
                && !(reader.ValueIsEscaped && NonFiniteWords.IsBareWord(reader.ValueSpan)):
                ThrowIfFull();
                AppendText(ref reader);
                break;
            case ElementType.Bytes when reader.TokenType == JsonTokenType.StartObject && _dialect == JsonDialect.TensorFlow:
                ThrowIfFull();
                AppendBase64(ref reader);
                break;
            case not ElementType.Bytes when reader.TokenType == JsonTokenType.String && NonFinite.TryRead(ref reader, out var value):
                ThrowIfFull();
                AppendNonFinite(value);
                break;
            case var type when reader.TokenType == JsonTokenType.Null && type.IsFloat():
                // JavaScript and data frames write null for a missing value.
                ThrowIfFull();
                AppendNonFinite(double.NaN);
                break;
            case ElementType.Bytes when reader.TokenType == JsonTokenType.String:
                throw InferenceException.InvalidRequest($"{FormatPath()} is a bare {reader.GetString()}; a string is expected.");
            default:
                throw JsonText.CreateUnexpectedTokenError(reader.TokenType, FormatPath(), Expected);
        }

        if (_depth > 0)
            _counts[_depth - 1]++;
    }

    /// <summary>Throws when the element is not at the depth of the first element.</summary>
    private void ThrowIfDepthDiffers(JsonTokenType element)
    {
        if (_rank == Unknown)
            _rank = _depth;
        else if (_depth != _rank)
            throw JsonText.CreateUnexpectedTokenError(element, FormatPath(), "an array");
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private readonly void ThrowIfFull()
    {
        if (_builder.Count == _limit)
        {
            throw InferenceException.InvalidRequest(
                $"{_path} has more than the {Counted.Text(_limit, "element")} that its shape declares.", ErrorReason.InvalidShape);
        }
    }

    private readonly void AppendText(ref Utf8JsonReader reader)
    {
        var text = _builder.ReserveBytes(reader.ValueSpan.Length);
        _builder.CommitBytes(CopyText(ref reader, text));
    }

    private readonly int CopyText(ref Utf8JsonReader reader, Span<byte> text)
    {
        try
        {
            return reader.CopyString(text);
        }
        catch (InvalidOperationException e)
        {
            throw JsonText.CreateNotTextError(FormatPath(), e);
        }
    }

    private readonly string Expected => _builder.Type switch
    {
        ElementType.Bool => "true, false, 0 or 1",
        ElementType.Bytes => "a string",
        _ => $"a number ({_builder.Type.Name()})",
    };

    /// <summary>Returns the path of the current value in the request, such as <c>features[3][7]</c>.</summary>
    private readonly string FormatPath()
    {
        var path = new StringBuilder(_path);
        for (var depth = 0; depth < _depth; depth++)
            path.Append(CultureInfo.InvariantCulture, $"[{_counts[depth]}]");
        return path.ToString();
    }

    [InlineArray(Shape.MaxRank)]
    private struct PerDepth
    {
        private long _first;
    }
}
