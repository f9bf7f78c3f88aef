using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;
using Inference;

namespace Cli.Predict;

/// <summary>
/// Reads an array that NumPy saved, <see href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">format</see> 1 to 3.
/// The first dimension of the array counts the items.
/// </summary>
internal static partial class NpyFile
{
    private const int MagicSize = 8;

    /// <summary>The highest version of the format. The minor number of every version is 0.</summary>
    private const int MaxVersion = 3;

    /// <returns>
    /// A flat JSON array in row-major order for each item: shape (10, 2, 3) has 10 items of 6 numbers. For an array with one dimension,
    /// each item is a number.
    /// </returns>
    /// <exception cref="CliException">The file is malformed, or its layout or type is not supported.</exception>
    public static List<string> ReadItems(byte[] content, string name)
    {
        try
        {
            return Read(content, name);
        }
        catch (OverflowException)
        {
            throw CreateFileError(name, "its shape is too large");
        }
    }

    private static List<string> Read(byte[] content, string name)
    {
        var (header, start) = ReadHeader(content, name);
        if (Descriptor().Match(header) is not { Success: true } type)
        {
            throw CreateFileError(
                name, "its header does not have one type for all values", "Save the fields of a structured array one by one.");
        }

        if (Dimensions().Match(header) is not { Success: true } shape)
            throw CreateFileError(name, "its header has no valid shape");
        if (header.Contains("'fortran_order': True", StringComparison.Ordinal))
            throw CreateFileError(name, "it is in Fortran order", "Save numpy.ascontiguousarray(x) instead of x.");
        var dimensions = shape.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(dimension => long.Parse(dimension, CultureInfo.InvariantCulture)).ToList();
        if (dimensions.Count == 0 || dimensions.Contains(0))
        {
            throw CreateFileError(
                name, $"its shape is ({Quote.Shorten(shape.Groups[1].Value)}), which has no items", "Save an array with items.");
        }

        var size = dimensions.Skip(1).Aggregate(1L, (count, dimension) => checked(count * dimension));
        var items = Read(content.AsMemory(start), type.Groups[1].Value, dimensions[0], checked((int)size), name);
        return dimensions.Count > 1 ? items : items.ConvertAll(item => item.Trim('[', ']'));
    }

    private static (string Header, int Start) ReadHeader(byte[] content, string name)
    {
        if (content.Length < MagicSize + sizeof(int))
            throw CreateFileError(name, "its header is cut off");
        if (content[6] is < 1 or > MaxVersion || content[7] != 0)
            throw CreateFileError(name, $"it is in version {content[6]}.{content[7]} of the format; 1.0, 2.0 and 3.0 are supported");
        var isShort = content[6] == 1;
        var at = MagicSize + (isShort ? sizeof(ushort) : sizeof(uint));
        var length = isShort
            ? BinaryPrimitives.ReadUInt16LittleEndian(content.AsSpan(MagicSize))
            : BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(MagicSize));
        return length <= content.Length - at
            ? (Encoding.UTF8.GetString(content, at, (int)length), at + (int)length)
            : throw CreateFileError(name, "its header is cut off");
    }

    private static List<string> Read(ReadOnlyMemory<byte> data, string type, long items, int size, string name) => type switch
    {
        "<f2" => Read<Half>(data, items, size, name),
        "<f4" => Read<float>(data, items, size, name),
        "<f8" => Read<double>(data, items, size, name),
        "|i1" => Read<sbyte>(data, items, size, name),
        "<i2" => Read<short>(data, items, size, name),
        "<i4" => Read<int>(data, items, size, name),
        "<i8" => Read<long>(data, items, size, name),
        "|u1" => Read<byte>(data, items, size, name),
        "<u2" => Read<ushort>(data, items, size, name),
        "<u4" => Read<uint>(data, items, size, name),
        "<u8" => Read<ulong>(data, items, size, name),
        "|b1" => ReadBooleans(data, items, size, name),
        _ => throw CreateFileError(
            name, $"its type \"{Quote.Shorten(type)}\" is not supported",
            "Save numbers or booleans in little-endian order, for example x.astype('<f4') instead of x."),
    };

    private static List<string> ReadBooleans(ReadOnlyMemory<byte> data, long items, int size, string name)
    {
        var values = Read<byte>(data, items, size, name);
        if (data.Span.IndexOfAnyExcept((byte)0, (byte)1) is >= 0 and var at)
            throw CreateFileError(name, $"item {at / size} has the byte {data.Span[at]} in place of a boolean, which is 0 or 1");
        return values.ConvertAll(item =>
            item.Replace("0", "false", StringComparison.Ordinal).Replace("1", "true", StringComparison.Ordinal));
    }

    private static List<string> Read<T>(ReadOnlyMemory<byte> data, long items, int size, string name)
        where T : unmanaged, IFormattable
    {
        if (data.Length % Unsafe.SizeOf<T>() is > 0 and var rest)
        {
            throw CreateFileError(
                name, $"it ends in the middle of a value: values have {Unsafe.SizeOf<T>()} bytes, and the last one has {rest}");
        }

        var values = MemoryMarshal.Cast<byte, T>(data.Span);
        if (values.Length != checked(items * size))
            throw CreateFileError(name, $"it has {Counted.Text(values.Length, "value")}; its shape says {items * size}");
        var result = new List<string>((int)items);
        var text = new StringBuilder();
        for (var at = 0; at < values.Length; at += size)
        {
            text.Clear().Append('[');
            foreach (var value in values.Slice(at, size))
                text.Append(value.ToString(null, CultureInfo.InvariantCulture)).Append(',');
            text[^1] = ']';
            result.Add(text.ToString());
        }

        return result;
    }

    private static CliException CreateFileError(string name, string reason, string advice = "Save the array again with numpy.save.") =>
        CliException.CreateUsageError($"\"{name}\" cannot be read: {reason}. {advice}");

    [GeneratedRegex("'descr': *'([^']+)'")]
    private static partial Regex Descriptor();

    [GeneratedRegex(@"'shape': *\( *((?:[0-9]+(?: *, *[0-9]+)*,? *)?)\)")]
    private static partial Regex Dimensions();
}
