using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// The versions and settings of a model that failed their verification. A reload tries these parts again only after a write to the model's
/// files, because each try copies and hashes all files of a version.
/// </summary>
internal sealed class DistrustedParts(ModelName name)
{
    private readonly HashSet<string> _parts = [];

    /// <summary>The tags of the model's versions, settings and writes when the last part was added.</summary>
    private string _stateAtLastAdd = "";

    /// <summary>The store's listing of the last <see cref="Update"/>.</summary>
    private ModelListing _listing = ModelListing.Empty;

    /// <summary>Removes the parts if a file of the model was written after the last part was added.</summary>
    public void Update(ModelListing listing)
    {
        _listing = listing;
        if (_parts.Count > 0 && ReadState() != _stateAtLastAdd)
            _parts.Clear();
    }

    public bool Contains(string part) => _parts.Contains(part);

    /// <summary>Adds a part that has just failed its verification.</summary>
    public void Add(string part)
    {
        _parts.Add(part);
        _stateAtLastAdd = ReadState();
    }

    public void Clear() => _parts.Clear();

    /// <summary>Returns a text that changes with every write to a file of the model.</summary>
    private string ReadState()
    {
        var tags = _listing.Where(version => version.Id.Name == name).Select(version => $"{version.Id} {version.Tag}");
        return string.Join('\n', tags.Append(_listing.GetSettingsTag(name)));
    }
}
