using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// The versions and settings of a model that failed their verification. A reload does not try them again before the next write to the
/// model's files, because each try copies and hashes all files of a version.
/// </summary>
internal sealed class DistrustedParts(ModelName name)
{
    private readonly HashSet<string> _parts = [];

    /// <summary>The tags of the model in the listing on which a part was tried last.</summary>
    private string _state = "";
    private ModelListing _listing = ModelListing.Empty;

    /// <summary>Forgets the parts if a file of the model was written since they were tried.</summary>
    public void Update(ModelListing listing)
    {
        _listing = listing;
        if (_parts.Count > 0 && ReadState() != _state)
            _parts.Clear();
    }

    public bool Contains(string part) => _parts.Contains(part);

    public void Add(string part)
    {
        _parts.Add(part);
        _state = ReadState();
    }

    public void Clear() => _parts.Clear();

    private string ReadState()
    {
        var tags = _listing.Where(version => version.Id.Name == name).Select(version => $"{version.Id} {version.Tag}");
        return string.Join('\n', tags.Append(_listing.SettingsTag(name)).Append(_listing.WriteTags.GetValueOrDefault(name, "")));
    }
}
