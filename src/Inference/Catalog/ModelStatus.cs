using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Contracts;
using Inference.Models.Files;
using Inference.Models.Settings;

namespace Inference.Catalog;

public enum ModelState
{
    /// <summary>In the store; the first request loads it.</summary>
    Available,
    Loading,
    Ready,

    /// <summary>The last load failed, or the model's settings are wrong; a later request tries again.</summary>
    Failed,

    /// <summary>Taken out, but the last who use it have not finished.</summary>
    Unloading,
}

/// <summary>The status of a version, the same in every route and page.</summary>
/// <param name="Reason">
/// Null when nothing is wrong. Otherwise one or more lines: why the last load failed, why what the store has now is not used, why the
/// server that has the model does not answer. Of settings that are not used the latest version tells.
/// </param>
public sealed record ModelStatus(ModelVersion Version, ModelState State, string? Reason)
{
    /// <summary>What the files of the model say without effect: its settings, and the folder of a version that is loaded.</summary>
    public IReadOnlyList<FileProblem> Warnings { get; init; } = [];

    /// <summary>The digest of the loaded files, once <see cref="ModelCatalog.DigestAsync"/> has worked it out; null otherwise.</summary>
    public ModelDigest? Digest { get; init; }

    /// <summary>Whether its requests may share runs; null before the first load.</summary>
    public BatchContract? Contract { get; init; }

    /// <summary>The results of its runs as a shadow; null when it is not a shadow.</summary>
    public ShadowCounts? Shadow { get; init; }

    /// <summary>The state of a version that nobody has requested here.</summary>
    /// <param name="problem">Why it would not load; null when nothing speaks against it.</param>
    internal static ModelStatus OfUnused(ModelVersion version, string? problem) =>
        new(version, problem is null ? ModelState.Available : ModelState.Failed, problem);

    /// <summary>Adds a line to the reason.</summary>
    /// <param name="reason">Null for none.</param>
    internal ModelStatus Because(string? reason) =>
        reason is null ? this : this with { Reason = Reason is null ? reason : $"{Reason}\n{reason}" };
}
