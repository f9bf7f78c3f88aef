using System.Security.Cryptography;
using System.Text;
using Inference.Models;

namespace Inference.Crash;

/// <summary>A version with exactly these files.</summary>
/// <param name="Files">
/// A hash of the version's tag, of <see cref="HashLength"/> hexadecimal digits, because tags may have any length.
/// </param>
public readonly record struct VersionKey(ModelId Id, string Files)
{
    /// <summary>The number of hexadecimal digits: 128 bits, which no two tags of a version share by chance.</summary>
    public const int HashLength = 32;

    public VersionKey(ModelVersion version)
        : this(version.Id, Hash(version.Tag))
    {
    }

    private static string Hash(string tag) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tag)))[..HashLength];
}
