namespace Inference.Models.Files;

/// <summary>A digest that identifies the files of a version.</summary>
/// <param name="Of">
/// The file that was hashed: the manifest, which has the digests of all files of the version, or without one the model file. Of a signed
/// version, the signed statement: the digests that it lists were hashed, in their order.
/// </param>
/// <param name="Sha256">64 hexadecimal digits, as <c>sha256sum</c> writes them.</param>
public sealed record ModelDigest(string Of, string Sha256)
{
    /// <summary>Null when there is no file to hash.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    public static async Task<ModelDigest?> ComputeAsync(ModelFiles files, CancellationToken cancellationToken)
    {
        if (files.Digest is { } signed)
            return signed;
        var path = files.ManifestPath ?? files.ModelPath;
        return File.Exists(path)
            ? new ModelDigest(Path.GetFileName(path), await FileDigest.ComputeAsync(path, cancellationToken).ConfigureAwait(false))
            : null;
    }

    public override string ToString() => "sha256:" + Sha256;
}
