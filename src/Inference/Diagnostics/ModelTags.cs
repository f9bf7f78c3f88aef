using System.Globalization;

namespace Inference.Diagnostics;

/// <summary>
/// The metric labels of a model version. The labels are created only once per version, so that a measurement allocates nothing.
/// </summary>
internal sealed class ModelTags
{
    /// <summary>
    /// The labels of requests to models that are not served. A name from a caller must not become a label, so these requests share the name
    /// <c>_unknown</c>, which no model can have.
    /// </summary>
    public static readonly ModelTags Unknown = new("_unknown", "");

    /// <param name="version">The version; empty for a request that failed before its version was known.</param>
    private ModelTags(string name, string version) => (Model, Version) = (new("model", name), new("version", version));

    public KeyValuePair<string, object?> Model { get; }

    public KeyValuePair<string, object?> Version { get; }

    public static ModelTags Create(string name, long version) => new(name, version.ToString(CultureInfo.InvariantCulture));

    /// <summary>Creates the labels for requests to a served model that failed before their version was known.</summary>
    public static ModelTags CreateWithoutVersion(string name) => new(name, "");

    /// <summary>Returns the name and version in readable form.</summary>
    public override string ToString() => Version.Value is "" ? $"{Model.Value}" : $"{Model.Value}/{Version.Value}";
}
