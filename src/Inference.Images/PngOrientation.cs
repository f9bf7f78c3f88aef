using System.Buffers.Binary;
using SkiaSharp;

namespace Inference.Images;

/// <summary>Reads the orientation in the EXIF data of a PNG, because Skia reads only the orientation of JPEG and WebP.</summary>
internal static class PngOrientation
{
    /// <summary>The number of bytes of the header of EXIF data: the byte order, a magic number, and the position of a directory.</summary>
    private const int ExifHeaderSize = 8;

    private const int EntrySize = 12;
    private const ushort OrientationTag = 0x0112;

    /// <returns>The orientation; the default when there is no EXIF data, or when the data cannot be read.</returns>
    public static SKEncodedOrigin Read(ReadOnlySpan<byte> file) =>
        ImageChunks.TryFindInPng(file, "eXIf"u8, out var exif) ? ReadExif(exif) : SKEncodedOrigin.Default;

    /// <summary>Reads the orientation from the first directory of EXIF data, which have the format of a TIFF file.</summary>
    private static SKEncodedOrigin ReadExif(ReadOnlySpan<byte> exif)
    {
        var isLittleEndian = exif.StartsWith("II"u8);
        if (exif.Length < ExifHeaderSize || ReadLong(exif[4..], isLittleEndian) is var start && start > exif.Length - sizeof(ushort))
            return SKEncodedOrigin.Default;
        var directory = exif[(int)start..];
        var entries = directory[sizeof(ushort)..];
        for (var count = ReadShort(directory, isLittleEndian);
            count > 0 && entries.Length >= EntrySize;
            count--, entries = entries[EntrySize..])
        {
            if (ReadShort(entries, isLittleEndian) == OrientationTag
                && ReadShort(entries[8..], isLittleEndian) is var value and >= 1 and <= 8)
            {
                return (SKEncodedOrigin)value;
            }
        }

        return SKEncodedOrigin.Default;
    }

    /// <summary>Reads a SHORT of TIFF: 16 bits without a sign.</summary>
    private static ushort ReadShort(ReadOnlySpan<byte> bytes, bool isLittleEndian) =>
        isLittleEndian ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    /// <summary>Reads a LONG of TIFF: 32 bits without a sign.</summary>
    private static uint ReadLong(ReadOnlySpan<byte> bytes, bool isLittleEndian) =>
        isLittleEndian ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
