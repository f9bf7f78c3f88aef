using System.Globalization;
using Inference.Models.Files;

namespace Inference.Models;

/// <summary>A version of a model as its store describes it.</summary>
/// <param name="Tag">Changes whenever a file of the version changes; compared, never interpreted.</param>
/// <param name="Size">Bytes of all its files.</param>
public sealed record ModelVersion(ModelId Id, string Tag, long Size)
{
    /// <summary>When a file of the version was written last, as the store says it; null when that is not known.</summary>
    public DateTimeOffset? Modified { get; init; }

    /// <summary>The model file of a version, unless the model's settings name another or the version has another one only.</summary>
    public const string ModelFileName = "model.onnx";

    /// <summary>Optional, beside the model file: one class label a line, in the order of the output's last dimension.</summary>
    public const string LabelsFileName = "labels.txt";

    /// <summary>A version as it is written in folder names and routes: a positive integer, which may have leading zeros.</summary>
    public static bool TryParseNumber(ReadOnlySpan<char> text, out long version) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out version) && version > 0;
}

/// <summary>The files of one version on local disk.</summary>
/// <param name="ModelPath">
/// The model file, in the version's folder or below it, with external data beside it; the settings file of a model that another server has.
/// </param>
/// <param name="LabelsPath">The labels file, if there is one.</param>
public sealed record ModelFiles(string ModelPath, string? LabelsPath)
{
    /// <summary>
    /// The folder of the version; null for a model file whose folder other models share, and for a model that another server has.
    /// </summary>
    public string? Folder { get; init; } = Path.GetFileName(ModelPath) == ModelVersion.ModelFileName
        ? Path.GetDirectoryName(ModelPath)
        : null;

    /// <summary>The file with the digests of all files of the version, if there is one.</summary>
    public string? ManifestPath { get; init; }

    /// <summary>The digest of all files of the version that its signer vouches for; null when nobody does.</summary>
    public ModelDigest? Digest { get; init; }

    /// <summary>When the settings of the model must have been signed, or later; null when any settings will do.</summary>
    public DateTimeOffset? SettingsSignedAt { get; init; }

    /// <summary>
    /// The private copy that the files are, or null if they lie in the store or its cache. The load owns it: it is disposed when the files
    /// are used no more, and deletes them then.
    /// </summary>
    public IDisposable? Copy { get; init; }

    /// <summary>Bytes of all files of the version; null when that is not known.</summary>
    public long? Size { get; init; }

    /// <summary>The tag of the version whose files they are; null for files that no store has listed.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether the version has no model file, because another server has the model.</summary>
    public bool IsRemote { get; init; }
}
