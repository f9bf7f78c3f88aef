using System.Globalization;

namespace Inference.Models;

/// <summary>
/// Models in a folder: <c>&lt;root&gt;/&lt;model&gt;/&lt;version&gt;/model.onnx</c>, or a bare <c>&lt;root&gt;/&lt;model&gt;.onnx</c>, which is
/// version 1.
/// </summary>
public sealed class DirectoryModelStore(string root) : IModelStore
{
    private const string Extension = ".onnx";

    private readonly string _root = Path.GetFullPath(root);

    public Task<IReadOnlyList<ModelVersion>> ListAsync(ModelName? name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        try
        {
            var versions = new List<ModelVersion>();
            foreach (var model in name is { } one ? [one] : Names())
                AddVersions(model, versions);
            return Task.FromResult<IReadOnlyList<ModelVersion>>(versions);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InferenceException(
                InferenceError.ModelUnavailable, $"The model folder {_root} cannot be read: {e.Message} Check Models__Source.", e);
        }
    }

    public async Task<ModelFiles> FetchAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        var listed = await ListAsync(version.Id.Name, cancellationToken).ConfigureAwait(false);
        if (!listed.Contains(version))
        {
            throw new InferenceException(InferenceError.ModelUnavailable, $"Model {version.Id} in {_root} is no longer what it was when it was listed.")
            {
                RetryAfter = TimeSpan.Zero,
            };
        }

        var folder = VersionFolder(version.Id);
        var path = Path.Combine(folder, ModelVersion.ModelFileName);
        if (!File.Exists(path))
            return new ModelFiles(BareFile(version.Id.Name), LabelsPath: null);
        var labels = Path.Combine(folder, ModelVersion.LabelsFileName);
        return new ModelFiles(path, File.Exists(labels) ? labels : null);
    }

    public override string ToString() => _root;

    private HashSet<ModelName> Names()
    {
        var names = new HashSet<ModelName>();
        foreach (var entry in new DirectoryInfo(_root).EnumerateFileSystemInfos())
        {
            var text = entry is DirectoryInfo ? entry.Name
                : entry.Name.EndsWith(Extension, StringComparison.Ordinal) ? entry.Name[..^Extension.Length]
                : null;
            if (ModelName.TryParse(text, out var name))
                names.Add(name);
        }

        return names;
    }

    private void AddVersions(ModelName name, List<ModelVersion> versions)
    {
        var hasFirst = false;
        var folder = new DirectoryInfo(Path.Combine(_root, name.Value));
        if (folder.Exists)
        {
            foreach (var child in folder.EnumerateDirectories())
            {
                if (ModelVersion.TryParseNumber(child.Name, out var number) && File.Exists(Path.Combine(child.FullName, ModelVersion.ModelFileName)))
                {
                    versions.Add(Describe(new ModelId(name, number), child.EnumerateFiles()));
                    hasFirst |= number == 1;
                }
            }
        }
        else if (!Directory.Exists(_root))
        {
            throw new DirectoryNotFoundException("It does not exist.");
        }

        var bare = new FileInfo(BareFile(name));
        if (!hasFirst && bare.Exists)
            versions.Add(Describe(new ModelId(name, 1), [bare]));
    }

    private static ModelVersion Describe(ModelId id, IEnumerable<FileInfo> files)
    {
        var sorted = files.OrderBy(file => file.Name, StringComparer.Ordinal).ToList();
        return new ModelVersion(
            id,
            string.Join('|', sorted.Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.Name}:{file.Length}:{file.LastWriteTimeUtc.Ticks}"))),
            sorted.Sum(file => file.Length));
    }

    private string VersionFolder(ModelId id) =>
        Path.Combine(_root, id.Name.Value, id.Version.ToString(CultureInfo.InvariantCulture));

    private string BareFile(ModelName name) => Path.Combine(_root, name.Value + Extension);
}
