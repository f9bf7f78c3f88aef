using System.Buffers;
using System.Globalization;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Inference.Tensors;

namespace Inference.Protocols.Json;

internal readonly struct BooleanText : INumberText<bool>
{
    /// <summary>The length of <c>false</c>.</summary>
    public static int MaxLength => 5;

    public static int Write(Span<byte> text, bool value)
    {
        var name = value ? "true"u8 : "false"u8;
        name.CopyTo(text);
        return name.Length;
    }
}

internal readonly struct IntegerText<T> : INumberText<T>
    where T : unmanaged, IBinaryInteger<T>
{
    /// <summary>The length of <c>-9223372036854775808</c> and of <c>18446744073709551615</c>.</summary>
    public static int MaxLength => 20;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> text, T value)
    {
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }
}

internal readonly struct SingleNumberText : INumberText<float>
{
    public static int MaxLength => FiniteSingleText.MaxLength;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<byte> text, float value) =>
        float.IsFinite(value) ? FiniteSingleText.Write(text, value) : NonFinite.Write(text, value);
}

internal readonly struct HalfText : INumberText<Half>
{
    public static int MaxLength => FiniteSingleText.MaxLength;

    public static int Write(Span<byte> text, Half value) => SingleNumberText.Write(text, (float)value);
}

internal readonly struct BFloat16Text : INumberText<ushort>
{
    public static int MaxLength => FiniteSingleText.MaxLength;

    public static int Write(Span<byte> text, ushort value) => SingleNumberText.Write(text, BFloat16.Widen(value));
}

internal readonly struct DoubleText : INumberText<double>
{
    /// <summary>The length of <c>-1.7976931348623157E+308</c>.</summary>
    public static int MaxLength => 24;

    public static int Write(Span<byte> text, double value)
    {
        if (!double.IsFinite(value))
            return NonFinite.Write(text, value);
        if (value == 0 && double.IsNegative(value))
            return FiniteSingleText.WriteNegativeZero(text);
        value.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return length;
    }
}

/// <summary>
/// Writes floats for <see cref="JsonDialect.TensorFlow"/>: never in quotes, and with a point or an exponent when they are finite.
/// </summary>
internal readonly struct DecimalText<T, TText> : INumberText<T>
    where T : unmanaged
    where TText : INumberText<T>
{
    private static readonly SearchValues<byte> DecimalMarks = SearchValues.Create(".eE"u8);

    public static int MaxLength => TText.MaxLength + 2;

    public static int Write(Span<byte> text, T value)
    {
        var length = TText.Write(text, value);
        if (text[0] == '"')
        {
            text[1..(length - 1)].CopyTo(text);
            return length - 2;
        }

        if (text[..length].ContainsAny(DecimalMarks))
            return length;
        ".0"u8.CopyTo(text[length..]);
        return length + 2;
    }
}

/// <summary>
/// Reads and writes NaN and the infinities, for which JSON has no numbers. They are written as strings, as in Protobuf's JSON mapping.
/// </summary>
internal static class NonFinite
{
    /// <param name="value">NaN or an infinity.</param>
    /// <returns>The number of bytes written.</returns>
    public static int Write(Span<byte> text, double value)
    {
        var name = double.IsNaN(value) ? "\"NaN\""u8 : value > 0 ? "\"Infinity\""u8 : "\"-Infinity\""u8;
        name.CopyTo(text);
        return name.Length;
    }

    /// <summary>
    /// Reads <c>NaN</c>, <c>Infinity</c> or <c>Inf</c>, with or without a minus, from a string. Returns false for any other string.
    /// </summary>
    public static bool TryRead(ref Utf8JsonReader reader, out double value)
    {
        value = reader.ValueTextEquals("NaN"u8) ? double.NaN
            : reader.ValueTextEquals("Infinity"u8) || reader.ValueTextEquals("Inf"u8) ? double.PositiveInfinity
            : reader.ValueTextEquals("-Infinity"u8) || reader.ValueTextEquals("-Inf"u8) ? double.NegativeInfinity
            : 0;
        return value != 0;
    }
}
