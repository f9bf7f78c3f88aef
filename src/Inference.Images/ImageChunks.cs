using System.Buffers.Binary;

namespace Inference.Images;

/// <summary>Finds the chunks of a file. After a header, the file is a sequence of chunks, and each chunk has a type and a length.</summary>
internal static class ImageChunks
{
    private const int PngSignatureSize = 8;

    /// <summary>The number of bytes of a PNG chunk without its data: length, type and checksum.</summary>
    private const int PngChunkOverhead = 12;

    /// <summary>The number of bytes of the header of a WebP: RIFF, a size, and WEBP.</summary>
    private const int WebPHeaderSize = 12;

    /// <summary>The number of bytes before the data of a WebP chunk: type and length.</summary>
    private const int WebPChunkHeaderSize = 8;

    /// <summary>Finds the first chunk of a type in a PNG.</summary>
    /// <param name="file">A file that begins with the signature of PNG.</param>
    /// <returns>False if there is no such chunk, or if the chunk or a chunk before it is cut off.</returns>
    public static bool TryFindInPng(ReadOnlySpan<byte> file, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data)
    {
        for (var rest = file[PngSignatureSize..]; rest.Length >= PngChunkOverhead;)
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(rest);
            if (length > rest.Length - PngChunkOverhead)
                break;
            if (rest[4..].StartsWith(type))
            {
                data = rest.Slice(8, (int)length);
                return true;
            }

            rest = rest[(PngChunkOverhead + (int)length)..];
        }

        data = default;
        return false;
    }

    /// <summary>Finds the first chunk of a type in a WebP.</summary>
    /// <param name="file">A file that begins with the header of WebP.</param>
    /// <inheritdoc cref="TryFindInPng"/>
    public static bool TryFindInWebP(ReadOnlySpan<byte> file, ReadOnlySpan<byte> type, out ReadOnlySpan<byte> data)
    {
        for (var rest = file[WebPHeaderSize..]; rest.Length >= WebPChunkHeaderSize;)
        {
            var length = BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
            if (length > rest.Length - WebPChunkHeaderSize)
                break;
            var chunk = rest[WebPChunkHeaderSize..];
            if (rest.StartsWith(type))
            {
                data = chunk[..(int)length];
                return true;
            }

            // A byte of padding follows data of odd length.
            rest = chunk[Math.Min(chunk.Length, (int)(length + (length & 1)))..];
        }

        data = default;
        return false;
    }
}
