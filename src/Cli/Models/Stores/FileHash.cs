using System.Security.Cryptography;

namespace Cli.Models.Stores;

/// <summary>Computes a SHA-256 as 64 lower-case hexadecimal digits, as in a manifest.</summary>
internal static class FileHash
{
    public static async Task<string> ComputeAsync(FileInfo file, CancellationToken cancellationToken)
    {
        await using var stream = file.OpenRead();
        return await ComputeAsync(stream, cancellationToken);
    }

    public static async Task<string> ComputeAsync(Stream stream, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
}
