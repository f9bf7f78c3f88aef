using System.Collections.Immutable;
using Inference.Catalog;
using Inference.Models;

namespace Inference.Reload;

/// <summary>Replaces the sessions of a model's loaded versions with new sessions under other settings.</summary>
internal sealed class SessionRenewal(ModelCatalog catalog, ModelName name)
{
    /// <summary>Creates a new session for each loaded version, and stops at the first version that does not load.</summary>
    /// <param name="versions">The store's current versions by number. Loaded versions that the store no longer has are skipped.</param>
    /// <param name="trialTag">The tag of the settings on trial, which a refusal keeps.</param>
    /// <returns>Null when all versions have loaded; otherwise the refusal of the first version that has not loaded.</returns>
    public async Task<Refusal?> RenewAsync(
        ImmutableArray<ModelSlot> ready, ServedSettings settings, Dictionary<long, ModelVersion> versions, string trialTag,
        CancellationToken cancellationToken)
    {
        foreach (var slot in ready)
        {
            if (!versions.TryGetValue(slot.Version.Id.Version, out var version))
                continue;
            var newSlot = catalog.CreateSlot(version);
            if (await Replacement.TryAsync(slot, newSlot, settings, trialTag, catalog.Limits, cancellationToken).ConfigureAwait(false)
                is { } refusal)
            {
                return refusal;
            }

            await catalog.UpdateAsync(name, current => current.WithSlot(newSlot)).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>Replaces the sessions that were created under the refused settings.</summary>
    /// <param name="untouched">The slots that existed before the settings were tried, which need no new session.</param>
    public async Task RestoreAsync(ImmutableArray<ModelSlot> untouched, ServedSettings settings, CancellationToken cancellationToken)
    {
        var renewed = catalog.Find(name) is { } served ? served.ReadySlots.RemoveRange(untouched) : [];
        var versions = renewed.ToDictionary(slot => slot.Version.Id.Version, slot => slot.Version);
        if (await RenewAsync(renewed, settings, versions, trialTag: "", cancellationToken).ConfigureAwait(false) is { } refusal)
            catalog.Logger.SettingsNotRestored(name, refusal.Reason);
    }
}
