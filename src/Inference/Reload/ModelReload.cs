using System.Collections.Immutable;
using Inference.Catalog;
using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Reload;

/// <summary>
/// Updates one model from a listing of the store. A loaded version is replaced only by a version that has loaded, has run, and has the same
/// signature. Otherwise the loaded version stays in service, and its status shows the reason until the store has other files.
/// </summary>
/// <param name="isForced">Whether to retry refused, broken or quarantined files and settings that have not changed.</param>
/// <param name="trySettle">Returns whether to apply a change now, given the changed part (a version or the settings) and its tag.</param>
/// <param name="distrusted">Versions and settings that failed verification, not tried again before the next write to the files.</param>
internal sealed class ModelReload(
    ModelCatalog catalog, ModelName name, bool isForced, Func<string, string, bool> trySettle, DistrustedParts distrusted)
{
    private const string SettingsPart = "settings";

    private readonly SessionRenewal _renewal = new(catalog, name);

    /// <summary>The slots of the versions that this reload has taken from the store.</summary>
    private readonly List<ModelSlot> _added = [];

    public async Task RunAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        if (listing.Failures.ContainsKey(name))
            return;
        distrusted.Update(listing);
        // A slot remembers its failure for a while. A new slot lets the next load try at once.
        if (isForced && catalog.Loader.ReleaseQuarantine(name))
            await ReplaceSlotsAsync(static slot => slot.IsBroken).ConfigureAwait(false);
        if (isForced && catalog.Find(name) is { } current)
            await ReplaceSlotsAsync(current.IsRefused).ConfigureAwait(false);
        if (catalog.Find(name) is not { } before)
            return;
        ImmutableArray<ModelVersion> stored = [.. listing.Where(version => version.Id.Name == name).OrderBy(version => version.Id.Version)];
        var settings = await ReadSettingsAsync(before, stored, listing.GetSettingsTag(name), cancellationToken).ConfigureAwait(false);
        foreach (var version in settings.SelectServed(stored))
            await ApplyVersionAsync(version, settings, cancellationToken).ConfigureAwait(false);
        await RemoveVersionsAsync(slot => !stored.Any(version => version.Id == slot.Version.Id)).ConfigureAwait(false);
        await ApplySettingsAsync(settings, stored, cancellationToken).ConfigureAwait(false);
        await MoveLatestAsync(cancellationToken).ConfigureAwait(false);
        // New versions are counted after their loads. A refused version was counted with its refusal.
        foreach (var slot in _added.Where(slot => catalog.Find(name)?.IsRefused(slot) != true))
            InferenceMetrics.RecordReload(slot.Tags, isApplied: slot.Status.State != ModelState.Failed);
        if (catalog.Find(name) is not { } served)
            return;
        var keptVersions = served.Settings.SelectServed(stored).Select(version => version.Id).ToHashSet();
        // The latest version stays in service until its successor has loaded.
        await RemoveVersionsAsync(slot => !keptVersions.Contains(slot.Version.Id) && (slot != served.Latest || slot == served.Highest))
            .ConfigureAwait(false);
    }

    /// <returns>
    /// The settings to use: the store's settings, or the settings in force if the store's are invalid or were already refused.
    /// </returns>
    private async Task<ServedSettings> ReadSettingsAsync(
        ServedModel served, ImmutableArray<ModelVersion> stored, string tag, CancellationToken cancellationToken)
    {
        if (tag == served.Settings.Tag)
        {
            if (served.SettingsRefusal is not null)
                await catalog.UpdateAsync(name, current => current with { SettingsRefusal = null }).ConfigureAwait(false);
            return served.Settings;
        }

        if (!trySettle(SettingsPart, tag))
            return served.Settings;
        try
        {
            var settings = await catalog.SettingsFiles.ReadAsync(name, tag, cancellationToken).ConfigureAwait(false);
            return served.SettingsRefusal?.RefusedTag == settings.CreateTrialTag(stored) && !isForced ? served.Settings : settings;
        }
        catch (InferenceException e)
        {
            await RefuseSettingsAsync(new Refusal(e.Message, e is { LastsUntilFilesChange: true, IsTrustFailure: false } ? tag : null))
                .ConfigureAwait(false);
            return served.Settings;
        }
    }

    /// <summary>Takes a version of the store into service, unless its files are refused.</summary>
    private async Task ApplyVersionAsync(ModelVersion version, ServedSettings settings, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } served)
            return;
        var oldSlot = served.Find(version.Id.Version);
        if (oldSlot?.Version == version)
        {
            // If the slot's own files are refused, the refusal stays. Only other files or an operator can change the result of the trial.
            if (!served.IsRefused(oldSlot))
                await SetFileRefusalAsync(oldSlot, refusal: null).ConfigureAwait(false);
            return;
        }

        var isRefused = oldSlot is { IsReady: true } && served.FileRefusals.GetValueOrDefault(oldSlot)?.RefusedTag == version.Tag;
        if (!trySettle($"{version.Id}", version.Tag) || (isRefused && !isForced) || distrusted.Contains($"{version.Id}"))
            return;
        var newSlot = catalog.CreateSlot(version);
        // A remote model's file is its settings file, so the load needs the new settings. Other models get new files before new settings.
        var loadSettings = settings.Settings.Remote is null ? served.Settings : settings;
        if (oldSlot is { IsReady: true }
            && await Replacement.TryAsync(oldSlot, newSlot, loadSettings, version.Tag, catalog.Limits, cancellationToken)
                .ConfigureAwait(false) is { } refusal)
        {
            await SetFileRefusalAsync(oldSlot, PrefixReason("The current content of the store is", refusal)).ConfigureAwait(false);
            return;
        }

        await catalog.UpdateAsync(name, current => current.WithSlot(newSlot)).ConfigureAwait(false);
        _added.Add(newSlot);
    }

    private async Task RemoveVersionsAsync(Func<ModelSlot, bool> isRemoved)
    {
        foreach (var slot in catalog.Find(name)?.Versions.Where(isRemoved) ?? [])
        {
            if (!trySettle($"{slot.Version.Id}", ""))
                continue;
            await catalog.UpdateAsync(name, current => current.WithoutSlot(slot)).ConfigureAwait(false);
            catalog.Logger.VersionRemoved(slot.Version.Id);
        }
    }

    /// <summary>Applies new settings. If any version is loaded, first loads the versions that labels and traffic shares name.</summary>
    private async Task ApplySettingsAsync(ServedSettings settings, ImmutableArray<ModelVersion> stored, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } served || served.Settings == settings || distrusted.Contains(SettingsPart))
            return;
        var versions = settings.SelectServed(stored).ToDictionary(version => version.Id.Version);
        // Settings are tried on the store's current files, after the files have stopped changing.
        if (versions.Values.Any(version => served.Find(version.Id.Version)?.Version != version && !trySettle($"{version.Id}", version.Tag)))
            return;
        var trialTag = settings.CreateTrialTag(stored);
        if (await LoadNamedVersionsAsync(served, settings, trialTag, cancellationToken).ConfigureAwait(false) is { } failure)
        {
            await RefuseSettingsAsync(PrefixReason("The model's new settings are", failure)).ConfigureAwait(false);
            return;
        }

        if (await TrySwitchAsync(served.Settings, settings, versions, trialTag, cancellationToken).ConfigureAwait(false) is { } refusal)
        {
            await RefuseSettingsAsync(PrefixReason("The model's new settings are", refusal)).ConfigureAwait(false);
            return;
        }

        await catalog.UpdateAsync(name, current => current with { SettingsRefusal = null }).ConfigureAwait(false);
        // A version that did not load under the previous settings gets a new slot, so that the next request tries to load it again.
        await ReplaceSlotsAsync(static slot => slot.Status.State == ModelState.Failed).ConfigureAwait(false);
    }

    /// <summary>
    /// Puts settings in force and replaces the sessions. If a session cannot be replaced, restores the previous settings and returns the
    /// reason.
    /// </summary>
    private async Task<Refusal?> TrySwitchAsync(
        ServedSettings before, ServedSettings settings, Dictionary<long, ModelVersion> versions, string trialTag,
        CancellationToken cancellationToken)
    {
        var ready = catalog.Find(name) is { } served ? served.ReadySlots : [];
        await SetSettingsAsync(settings).ConfigureAwait(false);
        if (settings.CanKeepSessions(before))
            return null;
        // Loads in progress began under the previous settings. These loads are stopped, and their callers start new loads.
        await ReplaceSlotsAsync(static slot => slot.IsLoading).ConfigureAwait(false);
        try
        {
            if (await _renewal.RenewAsync(ready, settings, versions, trialTag, cancellationToken).ConfigureAwait(false) is not { } refusal)
                return null;
            await SetSettingsAsync(before).ConfigureAwait(false);
            await _renewal.RestoreAsync(ready, before, cancellationToken).ConfigureAwait(false);
            return refusal;
        }
        catch (OperationCanceledException)
        {
            // The next check applies the settings again, to every session.
            await SetSettingsAsync(before).ConfigureAwait(false);
            throw;
        }
    }

    private Task SetSettingsAsync(ServedSettings settings) =>
        catalog.UpdateAsync(name, current => current with { Settings = settings });

    /// <summary>If any version is loaded, loads the versions that the new settings name. Returns null when all of them load.</summary>
    private static async Task<Refusal?> LoadNamedVersionsAsync(
        ServedModel served, ServedSettings settings, string trialTag, CancellationToken cancellationToken)
    {
        if (served.ReadySlots.IsEmpty)
            return null;
        foreach (var slot in settings.FindNamedVersions().Select(served.Find).OfType<ModelSlot>())
        {
            var verifies = !slot.IsDistrusted || slot.IsRetryDue;
            try
            {
                await slot.LoadAsync(served.Settings, cancellationToken).ConfigureAwait(false);
            }
            catch (InferenceException e)
            {
                var isDistrusted = slot.IsDistrusted;
                return new Refusal(e.Message, slot.MayLoad || isDistrusted ? null : trialTag) { IsTrustFailure = isDistrusted && verifies };
            }
        }

        return null;
    }

    /// <summary>Replaces the slots of some versions, without a load.</summary>
    private async Task ReplaceSlotsAsync(Func<ModelSlot, bool> isReplaced)
    {
        foreach (var slot in catalog.Find(name)?.Versions.Where(isReplaced) ?? [])
        {
            await catalog.UpdateAsync(
                name, current => current.Versions.Contains(slot) ? current.WithSlot(catalog.CreateSlot(slot.Version)) : current)
                    .ConfigureAwait(false);
        }
    }

    /// <summary>Makes the highest newer version that loads and passes a run the latest version.</summary>
    private async Task MoveLatestAsync(CancellationToken cancellationToken)
    {
        foreach (var candidate in catalog.Find(name)?.Successors ?? [])
        {
            if (await TryMoveLatestAsync(candidate, cancellationToken).ConfigureAwait(false))
                return;
        }
    }

    /// <returns>False when the version cannot become the latest version. The caller then tries the next lower version.</returns>
    private async Task<bool> TryMoveLatestAsync(ModelSlot candidate, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } served || served.IsRefused(candidate))
            return false;
        // If the latest version is not loaded, its successor replaces it without a load.
        if (served.Latest.IsReady && !await TryLoadAsync(candidate, served.Settings, cancellationToken).ConfigureAwait(false))
            return false;
        await catalog.UpdateAsync(name, current => current.Successors.Contains(candidate) ? current with { Latest = candidate } : current)
            .ConfigureAwait(false);
        catalog.Logger.LatestMoved(candidate.Version.Id, served.Latest.Version.Id);
        return true;
    }

    /// <summary>Loads a version and runs it once, unless an earlier load has failed. Returns whether the version is ready.</summary>
    private async Task<bool> TryLoadAsync(ModelSlot candidate, ServedSettings settings, CancellationToken cancellationToken)
    {
        var id = $"{candidate.Version.Id}";
        var isRetryDue = candidate is { IsDistrusted: true, IsRetryDue: true } && !distrusted.Contains(id);
        if (!isForced && candidate.IsBroken && !isRetryDue)
            return false;
        try
        {
            var refusal = await Replacement.TryLatestAsync(candidate, settings, catalog.Limits, cancellationToken).ConfigureAwait(false);
            if (refusal is null)
                return candidate.IsReady;
            // The run exceeded its time limit, and would exceed the limit again.
            await SetFileRefusalAsync(candidate, refusal).ConfigureAwait(false);
            await candidate.UnloadAsync().ConfigureAwait(false);
        }
        catch (InferenceException)
        {
            // The failure was logged, and is shown as the state of that version.
            if (candidate.IsDistrusted)
                distrusted.Add(id);
        }

        return false;
    }

    private static Refusal PrefixReason(string start, Refusal refusal) => refusal with { Reason = $"{start} not used: {refusal.Reason}" };

    private async Task RefuseSettingsAsync(Refusal refusal)
    {
        if (refusal.IsTrustFailure)
            distrusted.Add(SettingsPart);
        if (catalog.Find(name) is not { } served || served.SettingsRefusal == refusal)
            return;
        await catalog.UpdateAsync(name, current => current with { SettingsRefusal = refusal }).ConfigureAwait(false);
        LogRefusal(served.Latest, refusal);
    }

    /// <param name="refusal">The refusal; null to remove the refusal, because the store has the served files again.</param>
    private async Task SetFileRefusalAsync(ModelSlot slot, Refusal? refusal)
    {
        if (refusal is { IsTrustFailure: true })
            distrusted.Add($"{slot.Version.Id}");
        if (catalog.Find(name) is not { } served || served.FileRefusals.GetValueOrDefault(slot) == refusal)
            return;
        await catalog.UpdateAsync(name, current => current.WithRefusal(slot, refusal)).ConfigureAwait(false);
        if (refusal is not null)
            LogRefusal(slot, refusal);
    }

    private void LogRefusal(ModelSlot slot, Refusal refusal)
    {
        InferenceMetrics.RecordReload(slot.Tags, isApplied: false);
        catalog.Logger.ReloadRefused(slot.Version.Id, refusal.Reason);
    }
}
