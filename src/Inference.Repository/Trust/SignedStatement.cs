using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Inference.Repository.Trust;

/// <summary>
/// The files that the owner of a key has signed, and the model or version that they belong to. The format is OpenSSF Model Signing 1.0: an
/// in-toto statement in a DSSE envelope (<see cref="StatementBundle"/>).
/// </summary>
/// <param name="Subject">
/// The version or model to which the files belong. For example, <c>iris/1</c> is version 1 of the model iris. <c>iris</c> stands for the
/// settings of this model.
/// </param>
/// <param name="Files">The digest of every file, by its name relative to the folder of the subject.</param>
public sealed record SignedStatement(string Subject, ImmutableArray<ManifestEntry> Files)
{
    /// <summary>The file with the statement of a version, in the version's folder.</summary>
    public const string VersionFileName = "model.sig";

    /// <summary>The file with the statement of a model's settings files, in the same folder.</summary>
    public const string SettingsFileName = "settings.sig";

    /// <summary>When the settings were signed; null for versions, and for statements that do not contain the time.</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary>
    /// The earliest signing time of settings with which the version may be loaded. If null, all signed settings are allowed, and the
    /// settings may be missing.
    /// </summary>
    public DateTimeOffset? SettingsSignedAt { get; init; }

    /// <summary>The SHA-256 of the files' digests in their order, which identifies the content of the subject.</summary>
    public string Digest
    {
        get
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            foreach (var file in Files)
                hash.AppendData(Convert.FromHexString(file.Sha256));
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
    }
}
