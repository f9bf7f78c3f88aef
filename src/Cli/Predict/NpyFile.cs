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
/// The size of the first dimension is the number of items.
/// </summary>
internal static partial class NpyFile
{
    /// <summary>The size in bytes of the magic string and the version number, with which a file begins.</summary>
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
        if (Descriptor().Match(header) is not { Success: true } typeMatch)
        {
            throw CreateFileError(
                name, "its header does not have one type for all values", "Save the fields of a structured array one by one.");
        }

        if (Dimensions().Match(header) is not { Success: true } shapeMatch)
            throw CreateFileError(name, "its header has no valid shape");
        if (header.Contains("'fortran_order': True", StringComparison.Ordinal))
            throw CreateFileError(name, "it is in Fortran order", "Save numpy.ascontiguousarray(x) instead of x.");
        var dimensions = shapeMatch.Groups[1].Value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(dimension => long.Parse(dimension, CultureInfo.InvariantCulture)).ToList();
        if (dimensions.Count == 0 || dimensions.Contains(0))
        {
            throw CreateFileError(
                name, $"its shape is ({Quote.Shorten(shapeMatch.Groups[1].Value)}), which has no items", "Save an array with items.");
        }

        var itemSize = dimensions.Skip(1).Aggregate(1L, (count, dimension) => checked(count * dimension));
        var items = Read(content.AsMemory(start), typeMatch.Groups[1].Value, dimensions[0], checked((int)itemSize), name);
        return dimensions.Count > 1 ? items : items.ConvertAll(item => item.Trim('[', ']'));
    }

    private static (string Header, int Start) ReadHeader(byte[] content, string name)
    {
        if (content.Length < MagicSize + sizeof(int))
            throw CreateFileError(name, "its header is cut off");
        if (content[6] is < 1 or > MaxVersion || content[7] != 0)
            throw CreateFileError(name, $"it is in version {content[6]}.{content[7]} of the format; 1.0, 2.0 and 3.0 are supported");
        var isShort = content[6] == 1;
        var offset = MagicSize + (isShort ? sizeof(ushort) : sizeof(uint));
        var length = isShort
            ? BinaryPrimitives.ReadUInt16LittleEndian(content.AsSpan(MagicSize))
            : BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(MagicSize));
        return length <= content.Length - offset
            ? (Encoding.UTF8.GetString(content, offset, (int)length), offset + (int)length)
            : throw CreateFileError(name, "its header is cut off");
    }

    private static List<string> Read(ReadOnlyMemory<byte> data, string type, long itemCount, int itemSize, string name) => type switch
    {
        "<f2" => Read<Half>(data, itemCount, itemSize, name),
        "<f4" => Read<float>(data, itemCount, itemSize, name),
        "<f8" => Read<double>(data, itemCount, itemSize, name),
        "|i1" => Read<sbyte>(data, itemCount, itemSize, name),
        "<i2" => Read<short>(data, itemCount, itemSize, name),
        "<i4" => Read<int>(data, itemCount, itemSize, name),
        "<i8" => Read<long>(data, itemCount, itemSize, name),
        "|u1" => Read<byte>(data, itemCount, itemSize, name),
        "<u2" => Read<ushort>(data, itemCount, itemSize, name),
        "<u4" => Read<uint>(data, itemCount, itemSize, name),
        "<u8" => Read<ulong>(data, itemCount, itemSize, name),
        "|b1" => ReadBooleans(data, itemCount, itemSize, name),
        _ => throw CreateFileError(
            name, $"its type \"{Quote.Shorten(type)}\" is not supported",
            "Save numbers or booleans in little-endian order, for example x.astype('<f4') instead of x."),
    };

    private static List<string> ReadBooleans(ReadOnlyMemory<byte> data, long itemCount, int itemSize, string name)
    {
        var values = Read<byte>(data, itemCount, itemSize, name);
        if (data.Span.IndexOfAnyExcept((byte)0, (byte)1) is >= 0 and var index)
            throw CreateFileError(name, $"item {index / itemSize} has the byte {data.Span[index]} in place of a boolean, which is 0 or 1");
        return values.ConvertAll(item =>
            item.Replace("0", "false", StringComparison.Ordinal).Replace("1", "true", StringComparison.Ordinal));
    }

    private static List<string> Read<T>(ReadOnlyMemory<byte> data, long itemCount, int itemSize, string name)
        where T : unmanaged, IFormattable
    {
        if (data.Length % Unsafe.SizeOf<T>() is > 0 and var remainder)
        {
            throw CreateFileError(
                name, $"it ends in the middle of a value: values have {Unsafe.SizeOf<T>()} bytes, and the last one has {remainder}");
        }

        var values = MemoryMarshal.Cast<byte, T>(data.Span);
        if (values.Length != checked(itemCount * itemSize))
            throw CreateFileError(name, $"it has {Counted.Text(values.Length, "value")}; its shape needs {itemCount * itemSize}");
        var result = new List<string>((int)itemCount);
        var text = new StringBuilder();
        for (var start = 0; start < values.Length; start += itemSize)
        {
            text.Clear().Append('[');
            foreach (var value in values.Slice(start, itemSize))
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
