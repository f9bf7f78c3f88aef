namespace Inference.Models.Settings;

/// <summary>The version that answers a request.</summary>
/// <param name="Shadow">Another version that runs the request too; null when there is none.</param>
public readonly record struct ChosenVersion(long Version, long? Shadow);
