using System.Security.Cryptography;
using Inference.Repository;
using Inference.Repository.Trust;

namespace Inference.Testing;

/// <summary>A key pair that signs versions and settings of models.</summary>
public sealed class ModelSigner : IDisposable
{
    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public string PublicKeyPem => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The policy of a server that accepts only files with a signature by this key.</summary>
    public TrustPolicy Policy => new(RequireManifest: false, PublicKeyPem);

    /// <summary>Signs the files in a version's folder for a subject.</summary>
    /// <param name="settingsSignedAt">
    /// The earliest time at which the model's settings must have been signed; null when any settings are valid.
    /// </param>
    public void SignVersion(string folder, string subject, DateTimeOffset? settingsSignedAt = null) =>
        File.WriteAllBytes(Path.Combine(folder, SignedStatement.VersionFileName),
            Sign(CreateStatement(folder, subject) with { SettingsSignedAt = settingsSignedAt }));

    /// <summary>Signs the settings files in a model's folder for the model.</summary>
    public void SignSettings(string folder, string model, DateTimeOffset? signedAt = null) =>
        File.WriteAllBytes(Path.Combine(folder, SignedStatement.SettingsFileName), Sign(new SignedStatement(
            model, [.. SettingsFile.Signed.Where(name => File.Exists(Path.Combine(folder, name))).Select(name => Entry(folder, name))])
        {
            SignedAt = signedAt ?? DateTimeOffset.UtcNow,
        }));

    public byte[] Sign(SignedStatement statement) => StatementBundle.Sign(statement, _key);

    /// <summary>Creates the statement of the files in a version's folder, before it is signed.</summary>
    public static SignedStatement CreateStatement(string folder, string subject) =>
        new(subject, [.. Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(folder, file))
        .Where(name => !ManifestVerifier.FilesWithoutDigest.Contains(name))
        .Order(StringComparer.Ordinal)
        .Select(name => Entry(folder, name))]);

    public void Dispose() => _key.Dispose();

    private static ManifestEntry Entry(string folder, string name) =>
        new(name, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder, name)))), Line: 0);
}
