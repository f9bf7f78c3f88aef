using System.Buffers.Binary;
using SkiaSharp;

namespace Inference.Images;

/// <summary>
/// Reads the orientation in the EXIF data of a PNG or WebP. Skia ignores the data of a PNG. In a WebP, Skia ignores data that begin with
/// <see cref="Identifier"/>.
/// </summary>
internal static class ExifOrientation
{
    /// <summary>The flag of a WebP with EXIF data, in the first byte of its header. Decoders ignore the data without this flag.</summary>
    private const byte WebPExifFlag = 8;

    /// <summary>The number of bytes of the header of EXIF data: the byte order, a magic number, and the position of a directory.</summary>
    private const int ExifHeaderSize = 8;

    private const int EntrySize = 12;
    private const ushort OrientationTag = 0x0112;

    /// <summary>
    /// The identifier before the EXIF data of a JPEG. Some programs, such as libvips, also write it before the data of a WebP or PNG.
    /// </summary>
    private static ReadOnlySpan<byte> Identifier => "Exif\0\0"u8;

    /// <param name="file">A file that begins with the signature of PNG.</param>
    /// <returns>The orientation; the default when there is no EXIF data, or when the data cannot be read.</returns>
    public static SKEncodedOrigin ReadPng(ReadOnlySpan<byte> file) =>
        ImageChunks.TryFindInPng(file, "eXIf"u8, out var exif) ? ReadExif(exif) : SKEncodedOrigin.Default;

    /// <param name="file">A file that begins with the header of WebP.</param>
    /// <inheritdoc cref="ReadPng"/>
    public static SKEncodedOrigin ReadWebP(ReadOnlySpan<byte> file) =>
        ImageChunks.TryFindInWebP(file, "VP8X"u8, out var header) && header is [var flags, ..] && (flags & WebPExifFlag) != 0
            && ImageChunks.TryFindInWebP(file, "EXIF"u8, out var exif)
            ? ReadExif(exif)
            : SKEncodedOrigin.Default;

    /// <summary>Reads the orientation from the first directory of EXIF data, which have the format of a TIFF file.</summary>
    private static SKEncodedOrigin ReadExif(ReadOnlySpan<byte> exif)
    {
        while (exif.StartsWith(Identifier))
            exif = exif[Identifier.Length..];
        var isLittleEndian = exif.StartsWith("II"u8);
        if (exif.Length < ExifHeaderSize
            || !(isLittleEndian || exif.StartsWith("MM"u8))
            || ReadLong(exif[4..], isLittleEndian) is var start && start > exif.Length - sizeof(ushort))
        {
            return SKEncodedOrigin.Default;
        }

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
