using Inference.Models;

namespace Inference.Repository.Copies;

/// <summary>The lease of one user on a <see cref="VersionCopy"/>. When the last lease ends, the copy is removed.</summary>
internal sealed class CopyLease(VersionCopy copy, Action<VersionCopy> release) : IDisposable
{
    private Action<VersionCopy>? _release = release;

    /// <summary>The SHA-256 of each copied file, by its name relative to the version's folder.</summary>
    public IReadOnlyDictionary<string, string> Digests => copy.Digests;

    /// <summary>Returns the model files with their paths in the copy. The returned files own this lease.</summary>
    public ModelFiles WithCopiedPaths(ModelFiles original) => original with
    {
        ModelPath = GetCopyPath(original, original.ModelPath),
        LabelsPath =
            original.LabelsPath is { } labels && Digests.ContainsKey(Path.GetFileName(labels)) ? GetCopyPath(original, labels) : null,
        Folder = original.Folder is null ? null : copy.Folder.Path,
        Copy = this,
    };

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke(copy);

    private string GetCopyPath(ModelFiles original, string file) =>
        Path.Combine(copy.Folder.Path, Path.GetRelativePath(original.Folder ?? Path.GetDirectoryName(original.ModelPath)!, file));
}
