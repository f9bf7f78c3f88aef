using Inference.Models;
using Inference.Models.Settings;
using Inference.Repository.Copies;

namespace Inference.Repository.Trust;

/// <summary>What a version must show before it is loaded; a manifest that is there is checked in any case.</summary>
/// <param name="RequireManifest">A version without a manifest is refused.</param>
/// <param name="PublicKeyPem">Set: every manifest must be signed by the owner of this key, and there must be one.</param>
public sealed record TrustPolicy(bool RequireManifest, string? PublicKeyPem)
{
    public static TrustPolicy Default { get; } = new(RequireManifest: false, PublicKeyPem: null);

    /// <summary>
    /// Verifies the files of a version against its manifest, and the manifest against its signature. With or without a manifest, no link may
    /// lead out of the version's folder.
    /// </summary>
    /// <returns>The files, with their manifest if there is one.</returns>
    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>, <see cref="InferenceException.IsCausedByFiles"/>: with every problem.
    /// </exception>
    public Task<ModelFiles> VerifyAsync(ModelId id, ModelFiles files, CancellationToken cancellationToken)
    {
        ThrowIfEscaping(id, files.ModelPath);
        return VerifyAsync(id, files, ModelManifest.PathOf(files.ModelPath), ManifestVerifier.VerifyAsync, cancellationToken);
    }

    /// <summary>Verifies the copy of a version. The folder that was copied is looked at only for links.</summary>
    /// <returns>The copied files, with their manifest if there is one.</returns>
    /// <exception cref="InferenceException">As of the other overload.</exception>
    internal Task<ModelFiles> VerifyAsync(ModelId id, ModelFiles original, CopyLease copy, CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(original.ModelPath)!;
        var files = copy.Replace(original);
        return VerifyAsync(
            id, files, ModelManifest.PathOf(files.ModelPath), (manifest, _, _) => Task.FromResult(ManifestVerifier.Verify(manifest, folder, copy.Digests)), cancellationToken);
    }

    /// <exception cref="InferenceException">
    /// <see cref="InferenceError.ModelUnavailable"/>, <see cref="InferenceException.IsCausedByFiles"/>: a link leads out of the version's folder.
    /// </exception>
    internal static void ThrowIfEscaping(ModelId id, string modelPath)
    {
        if (Try(id, () => Confinement.FindEscape(modelPath)) is { } escape)
            throw Refused(id, escape);
    }

    private async Task<ModelFiles> VerifyAsync(
        ModelId id,
        ModelFiles files,
        string? path,
        Func<ModelManifest, string, CancellationToken, Task<IReadOnlyList<FileProblem>>> verify,
        CancellationToken cancellationToken)
    {
        var folder = Path.GetDirectoryName(files.ModelPath)!;
        if (!File.Exists(path))
        {
            if (RequireManifest || PublicKeyPem is not null)
                throw Refused(id, $"it has no {ModelManifest.FileName} beside {ModelVersion.ModelFileName}, which the server's settings require.");
            return files;
        }

        try
        {
            var manifest = await File.ReadAllBytesAsync(path, cancellationToken).ConfigureAwait(false);
            CheckSignature(id, manifest, Path.Combine(folder, ManifestSignature.FileName));
            var problems = await verify(ModelManifest.Parse(manifest), folder, cancellationToken).ConfigureAwait(false);
            if (problems.Count > 0)
                throw Refused(id, string.Join(' ', problems));
            return files with { ManifestPath = path };
        }
        catch (Exception e) when (e is FileProblemsException or IOException or UnauthorizedAccessException)
        {
            throw Refused(id, e.Message, e);
        }
    }

    private static T Try<T>(ModelId id, Func<T> check)
    {
        try
        {
            return check();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Refused(id, e.Message, e);
        }
    }

    private void CheckSignature(ModelId id, byte[] manifest, string path)
    {
        if (PublicKeyPem is null)
            return;
        if (!File.Exists(path))
            throw Refused(id, $"its manifest is not signed: there is no {ManifestSignature.FileName}.");
        if (!ManifestSignature.IsValid(manifest, File.ReadAllBytes(path), PublicKeyPem))
            throw Refused(id, $"{ManifestSignature.FileName} is no signature of its manifest by the key in the server's settings.");
    }

    private static InferenceException Refused(ModelId id, string reason, Exception? cause = null) =>
        new(InferenceError.ModelUnavailable, $"Model {id} is not trusted: {reason}", cause) { IsCausedByFiles = true };
}
