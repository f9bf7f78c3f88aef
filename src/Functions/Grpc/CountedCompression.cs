using System.IO.Compression;
using Grpc.Net.Compression;

namespace Functions.Grpc;

/// <summary>A message compression whose decompressed bytes count towards the limit on the memory of requests.</summary>
/// <param name="name">The name of the encoding.</param>
internal sealed class CountedCompression(string name, Func<Stream, Stream> decompress, Func<Stream, CompressionLevel, Stream> compress)
    : ICompressionProvider
{
    /// <summary>The supported encodings: gzip and deflate.</summary>
    public static IReadOnlyList<ICompressionProvider> All { get; } =
    [
        new CountedCompression(
            "gzip",
            static stream => new GZipStream(stream, CompressionMode.Decompress, leaveOpen: true),
            static (stream, level) => new GZipStream(stream, level, leaveOpen: true)),
        new CountedCompression(
            "deflate",
            static stream => new ZLibStream(stream, CompressionMode.Decompress, leaveOpen: true),
            static (stream, level) => new ZLibStream(stream, level, leaveOpen: true)),
    ];

    public string EncodingName => name;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        compress(stream, compressionLevel ?? CompressionLevel.Fastest);

    public Stream CreateDecompressionStream(Stream stream) => new CountedStream(decompress(stream));
}
