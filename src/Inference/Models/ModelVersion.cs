using System.Globalization;
using Inference.Models.Files;

namespace Inference.Models;

/// <summary>A version of a model as its store describes it.</summary>
/// <param name="Tag">A tag that changes whenever a file of the version changes. Tags are only compared for equality.</param>
/// <param name="Size">The size of all files of the version in bytes.</param>
public sealed record ModelVersion(ModelId Id, string Tag, long Size)
{
    /// <summary>
    /// The tag in records that outlive the process. In contrast to <see cref="Tag"/>, it stays the same when the files are copied with
    /// their times, for example to a new container.
    /// </summary>
    public string RecordTag { get => field ?? Tag; init; }

    /// <summary>The time of the last write to a file of the version, according to the store; null when it is unknown.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>
    /// The default name of a version's model file. The settings may name another file. The only model file of a version may also have
    /// another name.
    /// </summary>
    public const string ModelFileName = "model.onnx";

    /// <summary>
    /// The optional file beside the model file with one class label per line, in the order of the output's last dimension.
    /// </summary>
    public const string LabelsFileName = "labels.txt";

    /// <summary>Parses a version as folder names and routes contain it: a positive integer, which may have leading zeros.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, out long version) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version > 0;
}

/// <summary>The files of one version on local disk.</summary>
/// <param name="ModelPath">
/// The model file, in the version's folder or below it. External data are in the same folder as the file. For a remote model, this is the
/// path of its settings file.
/// </param>
/// <param name="LabelsPath">The labels file; null when there is none.</param>
public sealed record ModelFiles(string ModelPath, string? LabelsPath)
{
    /// <summary>The folder of the version; null for a model file whose folder other models share, and for a remote model.</summary>
    public string? Folder { get; init; } = Path.GetFileName(ModelPath) == ModelVersion.ModelFileName
        ? Path.GetDirectoryName(ModelPath)
        : null;

    /// <summary>The file with the digests of all files of the version; null when there is none.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>The digest of all files that the signed statement of the version lists; null for an unsigned version.</summary>
    public ModelDigest? Digest { get; init; }

    /// <summary>The earliest permitted signing time of the model's settings; null when any settings are permitted.</summary>
    public DateTimeOffset? SettingsSignedAt { get; init; }

    /// <summary>
    /// The private copy that contains the files; null when they are in the store or its cache. Disposing the copy deletes the files. The
    /// load, and later the loaded model, owns the copy and disposes it after the last use of the files.
    /// </summary>
    public IDisposable? Copy { get; init; }

    /// <summary>The size of all files of the version in bytes; null when it is unknown.</summary>
    public long? Size { get; init; }

    /// <summary>The <see cref="ModelVersion.RecordTag"/> of the version; null for files that no store has listed.</summary>
    public string? RecordTag { get; init; }

    /// <summary>Whether the version has no model file, because another server has the model.</summary>
    public bool IsRemote { get; init; }
}
