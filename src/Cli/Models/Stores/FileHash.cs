using System.Security.Cryptography;

namespace Cli.Models.Stores;

/// <summary>Computes SHA-256 in the format of a manifest.</summary>
internal static class FileHash
{
    public static async Task<string> OfAsync(FileInfo file, CancellationToken cancellationToken)
    {
        await using var stream = file.OpenRead();
        return await OfAsync(stream, cancellationToken);
    }

    public static async Task<string> OfAsync(Stream stream, CancellationToken cancellationToken) =>
        Convert.ToHexStringLower(await SHA256.HashDataAsync(stream, cancellationToken));
}
