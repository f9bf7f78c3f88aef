using System.Collections;

namespace Inference.Models;

/// <summary>What a store holds at one moment: the versions, in any order.</summary>
/// <param name="settingsTags">
/// For each model that has settings of its own, a tag that changes whenever they do; compared, never interpreted.
/// </param>
public sealed class ModelListing(IReadOnlyList<ModelVersion> versions, IReadOnlyDictionary<ModelName, string> settingsTags) : IReadOnlyList<ModelVersion>
{
    public static ModelListing Empty { get; } = new([], new Dictionary<ModelName, string>());

    public int Count => versions.Count;

    public ModelVersion this[int index] => versions[index];

    /// <summary>Empty for a model without settings.</summary>
    public string SettingsTag(ModelName name) => settingsTags.GetValueOrDefault(name, "");

    public IEnumerator<ModelVersion> GetEnumerator() => versions.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
