using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// The versions and settings of a model that failed their verification. A reload does not try them again before the next write to the
/// model's files, because each try copies and hashes all files of a version.
/// </summary>
internal sealed class DistrustedParts
{
    private readonly HashSet<string> _parts = [];

    /// <summary>The tags of the model in the listing that the parts were tried on.</summary>
    private string _state = "";

    /// <summary>Forgets the parts if a file of the model was written since the last listing.</summary>
    public void Update(ModelListing listing, ModelName name)
    {
        var tags = listing.Where(version => version.Id.Name == name).Select(version => $"{version.Id} {version.Tag}");
        var state = string.Join('\n', tags.Append(listing.SettingsTag(name)).Append(listing.WriteTags.GetValueOrDefault(name, "")));
        if (state != _state)
            _parts.Clear();
        _state = state;
    }

    public bool Contains(string part) => _parts.Contains(part);

    public void Add(string part) => _parts.Add(part);

    public void Clear() => _parts.Clear();
}
