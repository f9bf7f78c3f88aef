using System.Security.Cryptography;
using System.Text;
using Inference.Models;

namespace Inference.Crash;

/// <summary>Identifies a version together with its current files.</summary>
/// <param name="FilesHash">
/// A hash of the version's <see cref="ModelVersion.RecordTag"/>, with <see cref="HashLength"/> hexadecimal digits. The tag itself may be
/// too long for a file name.
/// </param>
public readonly record struct VersionKey(ModelId Id, string FilesHash)
{
    /// <summary>
    /// The number of hexadecimal digits. The digits hold 128 bits, so two different tags never have the same hash by chance.
    /// </summary>
    public const int HashLength = 32;

    public VersionKey(ModelVersion version)
        : this(version.Id, Hash(version.RecordTag))
    {
    }

    private static string Hash(string tag) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(tag)))[..HashLength];
}
