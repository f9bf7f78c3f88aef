using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Files;
using Inference.Models.Settings;

namespace Inference.Catalog;

/// <summary>The state of a version on this server.</summary>
public enum ModelState
{
    /// <summary>The version is in the store; the first request loads it.</summary>
    Available,

    /// <summary>A load is in progress.</summary>
    Loading,

    /// <summary>The version is loaded.</summary>
    Ready,

    /// <summary>
    /// The last load failed, the model's settings are invalid, or the version crashed a process or failed its trial. A later request
    /// retries a failed load.
    /// </summary>
    Failed,

    /// <summary>The settings of the model serve other versions only.</summary>
    NotServed,

    /// <summary>The version was unloaded or removed, but some of its requests or runs have not finished.</summary>
    Unloading,
}

/// <summary>The status of a version, the same in every route and page.</summary>
/// <param name="Reason">
/// Null when nothing is wrong. Otherwise one line for each problem. Examples are a failed load, refused files in the store, a remote server
/// that does not respond, a broken batch contract, and settings that do not serve the version. The latest version also reports settings
/// that are not in force.
/// </param>
public sealed record ModelStatus(ModelVersion Version, ModelState State, string? Reason)
{
    /// <summary>
    /// What has to be corrected before a failed version can load: the files, the settings or the store. Null in other states, or when this
    /// is unknown.
    /// </summary>
    public FailureCause? Cause { get; init; }

    /// <summary>The warnings about the model's files: settings without effect, and problems in the folder of a loaded version.</summary>
    public IReadOnlyList<FileProblem> Warnings { get; init; } = [];

    /// <summary>
    /// The digest of the loaded files, after <see cref="ModelCatalog.ComputeDigestsAsync"/> has computed it; null before.
    /// </summary>
    public ModelDigest? Digest { get; init; }

    /// <summary>The contract that decides whether requests share runs; null before the first load.</summary>
    public BatchContract? Contract { get; init; }

    /// <summary>The counts of the comparisons of this shadow's outputs with the responses; null when the version is not a shadow.</summary>
    public ShadowCounts? Shadow { get; init; }

    /// <summary>Whether requests that name no version can use the version.</summary>
    public bool IsDefault { get; init; }

    /// <summary>Creates the status of a version that no request to this server has named.</summary>
    /// <param name="problem">Why the version would not load; null when nothing prevents a load.</param>
    /// <param name="cause">The cause of the problem.</param>
    internal static ModelStatus CreateUnused(ModelVersion version, string? problem, FailureCause cause) =>
        problem is null ? new(version, ModelState.Available, Reason: null) : new(version, ModelState.Failed, problem) { Cause = cause };

    /// <summary>Adds a line to the reason.</summary>
    /// <param name="reason">The line; null adds none.</param>
    internal ModelStatus WithReason(string? reason) =>
        reason is null ? this : this with { Reason = Reason is null ? reason : $"{Reason}\n{reason}" };
}
