namespace Inference.Models.Settings.Versions;

/// <summary>The share of the requests without a version that one version answers.</summary>
/// <param name="Percent">0 to 100; 0 keeps the entry without sending anything to it.</param>
public sealed record TrafficShare(VersionRef Version, int Percent);
