using System.Globalization;

namespace Inference.Diagnostics;

/// <summary>The metric labels of a model version, created once for each version so that measuring allocates nothing.</summary>
internal sealed class ModelTags
{
    /// <summary>
    /// The labels of requests whose model is not served, because a name from a caller must not become a label. No model has this name.
    /// </summary>
    public static readonly ModelTags Unknown = new("_unknown", "");

    /// <param name="version">Empty for a request that failed before its version was known.</param>
    private ModelTags(string name, string version) => (Model, Version) = (new("model", name), new("version", version));

    public KeyValuePair<string, object?> Model { get; }

    public KeyValuePair<string, object?> Version { get; }

    public static ModelTags Of(string name, long version) => new(name, version.ToString(CultureInfo.InvariantCulture));

    /// <summary>The labels for requests to a served model that failed before their version was known.</summary>
    public static ModelTags OfAnyVersion(string name) => new(name, "");

    /// <summary>Returns the name and version in readable form.</summary>
    public override string ToString() => Version.Value is "" ? $"{Model.Value}" : $"{Model.Value}/{Version.Value}";
}
