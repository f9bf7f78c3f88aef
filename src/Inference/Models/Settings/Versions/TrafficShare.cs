namespace Inference.Models.Settings.Versions;

/// <summary>The share of one version in the requests that name no version.</summary>
/// <param name="Percent">0 to 100. An entry of 0 receives no requests.</param>
public sealed record TrafficShare(VersionRef Version, int Percent);
