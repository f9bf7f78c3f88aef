using System.Security.Cryptography;

namespace Inference.Models.Files;

/// <summary>The SHA-256 of a file, as <c>sha256sum</c> writes it.</summary>
public static class FileDigest
{
    /// <summary>The size of the read buffer in bytes. At this size, the overhead of the read calls is small.</summary>
    private const int BufferSize = 1 << 17;

    /// <summary>Computes the digest of a file, in 64 lower-case hexadecimal digits.</summary>
    public static async Task<string> ComputeAsync(string path, CancellationToken cancellationToken)
    {
        var stream = new FileStream(
            path, new FileStreamOptions { BufferSize = BufferSize, Options = FileOptions.Asynchronous | FileOptions.SequentialScan });
        await using (stream.ConfigureAwait(false))
        {
            return Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        }
    }
}
