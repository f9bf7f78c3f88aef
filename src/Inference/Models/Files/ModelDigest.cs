namespace Inference.Models.Files;

/// <summary>A digest that identifies the files of a version.</summary>
/// <param name="FileName">
/// The name of the hashed file: the manifest, which lists the digests of all files of the version, or else the model file. For a signed
/// version, the name of the signed statement. The hash is then the hash of the digests that the statement lists, in their order.
/// </param>
/// <param name="Sha256">The hash in 64 hexadecimal digits, as <c>sha256sum</c> writes it.</param>
public sealed record ModelDigest(string FileName, string Sha256)
{
    /// <summary>Computes the digest of a version. Null when there is no file to hash.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The process has no permission to read a file.</exception>
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
