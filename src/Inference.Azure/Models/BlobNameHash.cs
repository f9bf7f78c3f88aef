using System.Security.Cryptography;
using System.Text;

namespace Inference.Azure.Models;

/// <summary>Hashes a text to a name that is the same in every process and safe in a path.</summary>
internal static class BlobNameHash
{
    /// <summary>The number of bytes of the hash in a name.</summary>
    private const int HashLength = 16;

    public static string Compute(string text) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)).AsSpan(0, HashLength));
}
