namespace Inference.Models.Settings.Versions;

/// <summary>The share of one version in the requests that name no version.</summary>
/// <param name="Percent">The percentage, 0 to 100. A version with 0 receives none of these requests.</param>
public sealed record TrafficShare(VersionRef Version, int Percent);
