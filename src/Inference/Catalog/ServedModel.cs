using System.Collections.Immutable;
using Inference.Diagnostics;
using Inference.Models;
using Inference.Models.Settings.Versions;

namespace Inference.Catalog;

/// <summary>The versions and settings that requests for a model use. The catalog replaces the immutable record as a whole.</summary>
/// <param name="Versions">The served versions, in ascending order; never empty.</param>
/// <param name="Latest">
/// The version for requests that name no version. When the latest version is loaded, only another loaded version replaces it.
/// </param>
internal sealed record ServedModel(ImmutableArray<ModelSlot> Versions, ModelSlot Latest, ServedSettings Settings)
{
    /// <summary>Why the store's current settings are not in force; null when they are.</summary>
    public Refusal? SettingsRefusal { get; init; }

    /// <summary>For each version whose current files in the store are not served: the reason.</summary>
    public ImmutableDictionary<ModelSlot, Refusal> FileRefusals { get; init; } = ImmutableDictionary<ModelSlot, Refusal>.Empty;

    /// <summary>The shadow, which also runs the requests of other versions; null for none.</summary>
    public ShadowTarget? Shadow { get; init; }

    /// <summary>
    /// The version that becomes <see cref="Latest"/> after its load: the highest version that the settings serve, or <see cref="Latest"/>
    /// itself.
    /// </summary>
    public ModelSlot Highest => Successors.FirstOrDefault() ?? Latest;

    /// <summary>
    /// The versions that may replace <see cref="Latest"/>, the preferred one first: those that the settings serve, from the highest down to
    /// <see cref="Latest"/>.
    /// </summary>
    public IEnumerable<ModelSlot> Successors
    {
        get
        {
            var served = ServedNumbers;
            return Versions.Reverse().Where(slot => served.Contains(slot.Version.Id.Version)).TakeWhile(slot => slot != Latest);
        }
    }

    /// <summary>The versions that are loaded at the moment.</summary>
    public ImmutableArray<ModelSlot> ReadySlots => Versions.RemoveAll(static slot => !slot.IsReady);

    /// <summary>
    /// The status of each version, in the order of <see cref="Versions"/>. The status of the latest version also has the problems of the
    /// whole model.
    /// </summary>
    public IEnumerable<ModelStatus> Statuses
    {
        get
        {
            // These are computed once for all versions, because a model can have thousands of versions.
            var (numbers, served, highest) = (Numbers, ServedNumbers, Highest);
            return Versions.Select(slot => Describe(slot, numbers)
                .WithReason(served.Contains(slot.Version.Id.Version) ? null : DescribeNotServed(slot, highest)));
        }
    }

    /// <summary>The reasons why the store's current files or settings are not in service.</summary>
    public IEnumerable<string> Refusals
    {
        get
        {
            if (SettingsRefusal is { } settings)
                yield return settings.Reason;
            foreach (var files in ReadySlots.Select(FileRefusals.GetValueOrDefault).OfType<Refusal>())
                yield return files.Reason;
            if (Highest is not { } highest || highest == Latest)
                yield break;
            if (IsRefused(highest) && !highest.IsReady)
                yield return FileRefusals[highest].Reason;
            if (highest.Status is { State: ModelState.Failed, Reason: { } reason })
                yield return $"Version {highest.Version.Id.Version} is not used: {reason}";
        }
    }

    /// <summary>
    /// Whether the files of the slot itself were refused, and not newer files in the store. A version with refused files must not become
    /// the latest version.
    /// </summary>
    public bool IsRefused(ModelSlot slot) => FileRefusals.GetValueOrDefault(slot)?.RefusedTag == slot.Version.Tag;

    /// <param name="numbers">The value of <see cref="Numbers"/>.</param>
    private ModelStatus Describe(ModelSlot slot, ImmutableArray<long> numbers)
    {
        var (status, versions) = (slot.Status, Settings.Settings.Versions);
        status = status with
        {
            IsDefault = versions.IsDefault(
                slot.Version.Id.Version, versions.Traffic.IsEmpty ? [Latest.Version.Id.Version] : numbers),
            Warnings = [.. Settings.Configuration.Warnings, .. status.Warnings],
            Shadow = slot == Shadow?.Slot ? Shadow.Counts : null,
        };
        return status
            .WithReason(status.State == ModelState.Ready || IsRefused(slot) ? FileRefusals.GetValueOrDefault(slot)?.Reason : null)
            .WithReason(slot == Latest ? SettingsRefusal?.Reason : null);
    }

    /// <summary>Describes a version that the settings no longer serve, and that is still in service.</summary>
    /// <param name="highest">The value of <see cref="Highest"/>.</param>
    private string DescribeNotServed(ModelSlot slot, ModelSlot highest) => slot == Latest && slot != highest
        ? $"The settings of the model do not serve this version. It handles requests until version {highest.Version.Id.Version} has loaded."
        : "The settings of the model do not serve this version. It is about to be unloaded.";

    /// <summary>Selects the slot for a request. Returns null when the requested version is not served.</summary>
    public ModelSlot? Choose(VersionSelector selector)
    {
        var versions = Settings.Settings.Versions;
        if (selector.Version is { } requested)
            return requested.Resolve(versions.Labels) is { } number ? Find(number) : null;
        return versions.Traffic.IsEmpty ? Latest : Find(VersionChooser.Choose(versions, Numbers, selector.RequestKey, Random.Shared));
    }

    /// <summary>Creates the error for a requested version that is not served. A request without a version always has a slot.</summary>
    public InferenceException CreateNotServedError(VersionSelector selector) =>
        VersionChooser.CreateNotServedError(Settings.Settings.Versions, Numbers, selector.Version!.Value);

    /// <summary>Returns the slot of a version number; null when it is not served.</summary>
    public ModelSlot? Find(long number)
    {
        foreach (var slot in Versions)
        {
            if (slot.Version.Id.Version == number)
                return slot;
        }

        return null;
    }

    /// <summary>Finds the shadow that the settings specify. The counts of the shadow continue while its slot stays the same.</summary>
    /// <param name="previous">The shadow before the change; null for none.</param>
    public ShadowTarget? FindShadow(ShadowTarget? previous) =>
        Settings.Settings.Versions is { Shadow: { } shadow } versions && shadow.Resolve(versions.Labels) is { } number
            && Find(number) is { } slot
            ? new ShadowTarget(slot, Settings, previous?.Slot == slot ? previous.Counts : new ShadowCounts())
            : null;

    /// <summary>The version numbers, highest first.</summary>
    private ImmutableArray<long> Numbers => [.. Versions.Reverse().Select(slot => slot.Version.Id.Version)];

    /// <summary>The numbers of the versions that the settings serve.</summary>
    private HashSet<long> ServedNumbers => [.. Settings.Settings.Versions.SelectServed(Numbers)];

    /// <summary>Returns the next lower version, which handles requests if the given version does not load; null for none.</summary>
    public ModelSlot? FindLower(ModelSlot slot) => Versions.LastOrDefault(other => other.Version.Id.Version < slot.Version.Id.Version);

    /// <summary>
    /// Merges a listing of the store into the model. Loaded and loading versions stay as they are. All other versions are taken from the
    /// listing.
    /// </summary>
    /// <returns>Null when no version is left.</returns>
    public static ServedModel? Merge(
        ServedModel? served, ModelListing listing, ServedSettings settings, Func<ModelVersion, ModelSlot> createSlot)
    {
        var known = (served?.Versions ?? []).ToDictionary(slot => slot.Version.Id);
        var kept = known.Where(slot => slot.Value.Status.State is ModelState.Ready or ModelState.Loading).ToDictionary();
        foreach (var version in settings.SelectServed(listing))
        {
            var unchanged = known.GetValueOrDefault(version.Id) is { IsRetryDue: false } slot && slot.Version == version ? slot : null;
            kept.TryAdd(version.Id, unchanged ?? createSlot(version));
        }

        ImmutableArray<ModelSlot> versions = [.. kept.Values.OrderBy(slot => slot.Version.Id.Version)];
        if (versions.IsEmpty)
            return null;
        // A loaded latest version stays in service until the reloader has loaded a higher version.
        var latest = served?.Latest is { IsReady: true } current && versions.Contains(current)
            ? current
            : versions.LastOrDefault(slot => served?.IsRefused(slot) != true) ?? versions[^1];
        var merged = served is null
            ? new ServedModel(versions, latest, settings)
            : served with { Versions = versions, Latest = latest, Settings = settings };
        return merged.WithoutOldRefusals();
    }

    /// <summary>Returns the model with a new slot, which replaces the slot of the same version, if any.</summary>
    public ServedModel WithSlot(ModelSlot slot) => (this with
    {
        Versions = [.. Versions.Where(other => other.Version.Id != slot.Version.Id)
            .Append(slot).OrderBy(other => other.Version.Id.Version)],
        Latest = Latest.Version.Id == slot.Version.Id ? slot : Latest,
    }).WithoutOldRefusals();

    /// <summary>Returns the model with another refusal of a version's files, or with none.</summary>
    /// <param name="refusal">The refusal; null when the store's files of the version are served.</param>
    public ServedModel WithRefusal(ModelSlot slot, Refusal? refusal) => this with
    {
        FileRefusals = refusal is not null && Versions.Contains(slot) ? FileRefusals.SetItem(slot, refusal) : FileRefusals.Remove(slot),
    };

    /// <summary>Returns the model without a slot; null when it was the only slot.</summary>
    public ServedModel? WithoutSlot(ModelSlot slot)
    {
        var remaining = Versions.Remove(slot);
        if (remaining.IsEmpty)
            return null;
        return (this with { Versions = remaining, Latest = Latest == slot ? remaining[^1] : Latest }).WithoutOldRefusals();
    }

    /// <summary>Returns the model without the refusals of removed slots.</summary>
    private ServedModel WithoutOldRefusals() =>
        this with { FileRefusals = FileRefusals.RemoveRange(FileRefusals.Keys.Where(slot => !Versions.Contains(slot))) };
}
