using System.Runtime.CompilerServices;
using Inference.Tensors;

namespace Inference.Protocols.Json;

/// <content>Reads numbers, which make up nearly all of a body.</content>
internal ref partial struct JsonTensorReader
{
    private void ReadNumbers()
    {
        switch (_builder.Type)
        {
            case ElementType.Bool: ReadNumbers<bool, BooleanConverter>(); break;
            case ElementType.UInt8: ReadNumbers<byte, IntegerConverter<byte>>(); break;
            case ElementType.UInt16: ReadNumbers<ushort, IntegerConverter<ushort>>(); break;
            case ElementType.UInt32: ReadNumbers<uint, IntegerConverter<uint>>(); break;
            case ElementType.UInt64: ReadNumbers<ulong, IntegerConverter<ulong>>(); break;
            case ElementType.Int8: ReadNumbers<sbyte, IntegerConverter<sbyte>>(); break;
            case ElementType.Int16: ReadNumbers<short, IntegerConverter<short>>(); break;
            case ElementType.Int32: ReadNumbers<int, IntegerConverter<int>>(); break;
            case ElementType.Int64: ReadNumbers<long, IntegerConverter<long>>(); break;
            case ElementType.Float16: ReadNumbers<Half, HalfConverter>(); break;
            case ElementType.BFloat16: ReadNumbers<ushort, BFloat16Converter>(); break;
            case ElementType.Float32: ReadNumbers<float, SingleConverter>(); break;
            case ElementType.Float64: ReadNumbers<double, DoubleConverter>(); break;
            case ElementType.Bytes: throw new InvalidOperationException($"{_builder.Type} is not a number. This is a bug.");
        }
    }

    /// <summary>Reads consecutive numbers, and stops after the last one. A comma after the last number is not skipped.</summary>
    private void ReadNumbers<T, TConverter>()
        where T : unmanaged
        where TConverter : INumberConverter<T>
    {
        bool hasMore;
        do
        {
            ThrowIfFull();
            hasMore = ReadInto<T, TConverter>(_builder.Reserve<T>(_limit - _builder.Count));
        }
        while (hasMore);
    }

    /// <summary>Reads into the free elements. This is the hot loop, so the counters are locals that fit into registers.</summary>
    /// <returns>Whether the elements are full and another number follows.</returns>
    private bool ReadInto<T, TConverter>(Span<T> elements)
        where T : unmanaged
        where TConverter : INumberConverter<T>
    {
        var body = _body;
        var (at, count, hasMore, misses) = (_position, 0, true, 0);
        while (hasMore && count < elements.Length)
        {
            // After two consecutive numbers that are not short, the fast path is no longer tried. The numbers of a tensor usually have
            // similar lengths.
            var read = misses < 2 ? ShortNumbers.Read<T, TConverter>(body, elements[count..], ref at) : 0;
            count += read;
            misses = read > 0 ? 0 : misses + 1;
            if (read == 0)
            {
                if (!JsonNumber.TryScan(body[at..], out var number) || !TConverter.TryConvert(number, out var value))
                    throw CreateValueError(at, count);
                elements[count++] = value;
                at += number.Text.Length;
            }

            if (TrySkipSeparator(body, ref at))
                continue;
            _position = at;
            hasMore = Peek() == ',' && SkipToNumber();
            at = _position;
        }

        _position = at;
        AddToCount(count);
        _builder.Commit<T>(count);
        return hasMore;
    }

    /// <summary>Skips a comma and at most one space to the next number. Returns false, and skips nothing, for any other text.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TrySkipSeparator(ReadOnlySpan<byte> body, ref int at)
    {
        if (at + 2 < body.Length && body[at] == ',')
        {
            if (IsNumberStart(body[at + 1]))
            {
                at++;
                return true;
            }

            if (body[at + 1] == ' ' && IsNumberStart(body[at + 2]))
            {
                at += 2;
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds to the element count of the current array. A bare number is in no array, and its count is never read.</summary>
    private void AddToCount(int elementCount) => _counts[Math.Max(_depth - 1, 0)] += elementCount;

    private Exception CreateValueError(int at, int precedingElements)
    {
        AddToCount(precedingElements);
        return JsonNumber.TryScan(_body[at..], out var number)
            ? InferenceException.InvalidRequest($"{FormatPath()}: {Quote.Shorten(number.Text)} is not a value of {_builder.Type.Name()}.")
            : JsonText.CreateMalformedError();
    }

    /// <summary>Skips from a comma to the next number. Returns false, and stays at the comma, when another value follows.</summary>
    private bool SkipToNumber()
    {
        var comma = _position++;
        Peek();
        if (_position < _body.Length && IsNumberStart(_body[_position]))
            return true;
        _position = comma;
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsNumberStart(byte first) => first == '-' || (uint)(first - '0') <= 9;
}
