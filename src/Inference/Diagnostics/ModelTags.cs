using System.Globalization;
using Inference.Models;

namespace Inference.Diagnostics;

/// <summary>A model's labels in metrics, made once for each loaded version so that measuring allocates nothing.</summary>
internal sealed class ModelTags
{
    /// <summary>Of requests for what is not served: names that callers make up must not become labels. No model has this name.</summary>
    public static readonly ModelTags Unknown = new("_unknown", "");

    public ModelTags(ModelId id)
        : this(id.Name.Value, id.Version.ToString(CultureInfo.InvariantCulture))
    {
    }

    private ModelTags(string model, string version) => (Model, Version) = (new("model", model), new("version", version));

    public KeyValuePair<string, object?> Model { get; }

    public KeyValuePair<string, object?> Version { get; }

    /// <summary>Of a model that is served, when no version of it came to answer.</summary>
    public static ModelTags OfAnyVersion(ModelName name) => new(name.Value, "");
}
