using System.Buffers.Binary;

namespace Inference.Images;

/// <summary>Finds the chunks of a file. After a header, the file is a sequence of chunks, and each chunk has a type and a length.</summary>
internal static class ImageChunks
{
    private const int PngSignatureSize = 8;

    /// <summary>The number of bytes of a PNG chunk without its data: length, type and checksum.</summary>
    private const int PngChunkOverhead = 12;

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
}
