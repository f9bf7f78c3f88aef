using System.Collections.Immutable;
using System.Security.Cryptography;

namespace Inference.Repository.Trust;

/// <summary>
/// The files that the owner of a key has signed, and whose files they are. It is written in the form of OpenSSF Model Signing 1.0:
/// an in-toto statement in a DSSE envelope (<see cref="StatementBundle"/>).
/// </summary>
/// <param name="Subject">The files' owner: <c>iris/1</c> is version 1 of the model iris, <c>iris</c> are the settings of the model.</param>
/// <param name="Files">The digest of every file, by its name relative to the folder of the subject.</param>
public sealed record SignedStatement(string Subject, ImmutableArray<ManifestEntry> Files)
{
    /// <summary>The statement of a version, in the version's folder.</summary>
    public const string VersionFileName = "model.sig";

    /// <summary>The statement of a model's settings files, beside them.</summary>
    public const string SettingsFileName = "settings.sig";

    /// <summary>When settings were signed; null when the statement does not say it, and for versions.</summary>
    public DateTimeOffset? SignedAt { get; init; }

    /// <summary>
    /// Of a version: its model's settings must be signed at this time or later. Null when the version may be loaded with any settings
    /// that are signed, or with none.
    /// </summary>
    public DateTimeOffset? SettingsSignedAt { get; init; }

    /// <summary>The SHA-256 of the files' digests in their order, which names the content of the subject.</summary>
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
