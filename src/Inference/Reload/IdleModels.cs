using Inference.Catalog;
using Inference.Diagnostics;

namespace Inference.Reload;

/// <summary>
/// Unloads versions that have been unused for longer than their settings allow. Each check compares the use counts with the previous check,
/// so that a request need not record its time.
/// </summary>
internal sealed class IdleModels(TimeProvider time)
{
    /// <summary>The use count of each slot at the last check, and the timestamp since which the slot has been idle.</summary>
    private Dictionary<ModelSlot, (long Uses, long Since)> _lastUses = [];

    /// <summary>Checks all served models. Call this at intervals.</summary>
    public void Unload(ModelCatalog catalog)
    {
        var currentUses = new Dictionary<ModelSlot, (long Uses, long Since)>();
        foreach (var served in catalog.Names.Select(catalog.Find).OfType<ServedModel>())
        {
            if (served.Settings.Settings.Lifecycle is { IdleTimeout: { } timeout, Pinned: false })
                UnloadIdle(served, timeout, currentUses);
        }

        _lastUses = currentUses;
    }

    private void UnloadIdle(ServedModel served, TimeSpan timeout, Dictionary<ModelSlot, (long Uses, long Since)> currentUses)
    {
        foreach (var slot in served.Versions.Where(slot => slot.IsReady))
        {
            var uses = slot.Uses;
            var since = !slot.IsInUse && _lastUses.TryGetValue(slot, out var before) && before.Uses == uses
                ? before.Since
                : time.GetTimestamp();
            currentUses.Add(slot, (uses, since));
            if (!slot.CanUnload || time.GetElapsedTime(since) < timeout)
                continue;
            InferenceMetrics.RecordEviction(slot.Tags, "idle");
            // The task is not awaited, because no caller waits for the memory.
            _ = slot.UnloadAsync();
        }
    }
}
