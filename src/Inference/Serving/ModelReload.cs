using Inference.Diagnostics;
using Inference.Models;

namespace Inference.Serving;

/// <summary>
/// Brings one model in step with what the store lists. What is loaded is replaced only by what has loaded, run, and has the
/// same signature; until then, and when it does not, it serves on.
/// </summary>
/// <param name="isForced">What was refused or broken before is tried again, though it has not changed.</param>
/// <param name="settled">Whether a change, given as what changes and the tag it has now, is to be taken already.</param>
internal sealed class ModelReload(ModelCatalog catalog, IModelStore store, ModelName name, bool isForced, Func<string, string, bool> settled)
{
    public async Task RunAsync(ModelListing listing, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } served)
            return;
        var settings = await SettingsAsync(served, listing, cancellationToken).ConfigureAwait(false);
        var listed = settings.Served([.. listing.Where(version => version.Id.Name == name)]).ToList();
        foreach (var version in listed)
            await TakeAsync(version, cancellationToken).ConfigureAwait(false);
        foreach (var slot in served.Versions.Where(slot => listed.TrueForAll(version => version.Id != slot.Version.Id)))
        {
            if (settled($"{slot.Version.Id}", ""))
                await catalog.UpdateAsync(name, current => current.Without(slot)).ConfigureAwait(false);
        }

        await ApplyAsync(settings, cancellationToken).ConfigureAwait(false);
        await MoveLatestAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<ServedSettings> SettingsAsync(ServedModel served, ModelListing listing, CancellationToken cancellationToken)
    {
        var tag = listing.SettingsTag(name);
        if (tag == served.Settings.Tag || !settled("settings", tag) || (served.Latest.RefusedTag == SettingsTag(tag) && !isForced))
            return served.Settings;
        try
        {
            return await ServedSettings.ReadAsync(store, name, tag, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException e)
        {
            Refused(served.Latest, e.Message, SettingsTag(tag));
            return served.Settings;
        }
    }

    private async Task TakeAsync(ModelVersion version, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } served)
            return;
        var known = served.Find(version.Id.Version);
        if (known?.Version == version || !settled($"{version.Id}", version.Tag))
            return;
        var fresh = catalog.NewSlot(version);
        if (known is { IsReady: true } && !await ReplacesAsync(known, fresh, version.Tag, cancellationToken).ConfigureAwait(false))
            return;
        await catalog.UpdateAsync(name, current => current.With(fresh)).ConfigureAwait(false);
        InferenceMetrics.Reloaded(version.Id, isTaken: true);
    }

    /// <summary>Whether the new content of a version that is in use may take over.</summary>
    private async Task<bool> ReplacesAsync(ModelSlot known, ModelSlot fresh, string tag, CancellationToken cancellationToken)
    {
        if (known.RefusedTag == tag && !isForced)
            return false;
        // What is about to be replaced must not make room for what replaces it.
        known.IsHeld = true;
        try
        {
            using var before = await known.LeaseAsync(cancellationToken).ConfigureAwait(false);
            using var after = await fresh.LeaseAsync(cancellationToken).ConfigureAwait(false);
            if (before is null || after is null)
                return true;
            if (!before.Model.Signature.Matches(after.Model.Signature))
                throw new InferenceException(InferenceError.ModelUnavailable, "their inputs or outputs are not those of the files before. Give them a version of their own.");
            await CheckRunsAsync(before.Session, after.Session, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (InferenceException e)
        {
            Refused(known, $"What the store has now is not used: {e.Message}", tag);
            await fresh.CloseAsync().ConfigureAwait(false);
            return false;
        }
        finally
        {
            known.IsHeld = false;
        }
    }

    /// <summary>Some models fail on made-up inputs, and rightly: then the old one does too.</summary>
    private static async Task CheckRunsAsync(IModelSession before, IModelSession after, CancellationToken cancellationToken)
    {
        try
        {
            await WarmUp.RunAsync(after, cancellationToken).ConfigureAwait(false);
        }
        catch (InferenceException e) when (e.Error == InferenceError.RuntimeFailure)
        {
            try
            {
                await WarmUp.RunAsync(before, cancellationToken).ConfigureAwait(false);
            }
            catch (InferenceException expected) when (expected.Error == InferenceError.RuntimeFailure)
            {
                return;
            }

            throw;
        }
    }

    /// <summary>Labels and shares move only to versions that are loaded, if those they move from are.</summary>
    private async Task ApplyAsync(ServedSettings settings, CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } served || served.Settings == settings)
            return;
        try
        {
            if (served.Versions.Any(slot => slot.IsReady))
            {
                foreach (var slot in settings.Named().Select(served.Find).OfType<ModelSlot>())
                    await slot.LoadAsync(cancellationToken).ConfigureAwait(false);
            }

            await catalog.UpdateAsync(name, current => current with { Settings = settings }).ConfigureAwait(false);
            if (!settings.KeepsSessions(served.Settings) && !await RenewAsync([.. served.Versions.Where(slot => slot.IsReady)], settings.Tag, cancellationToken).ConfigureAwait(false))
                await catalog.UpdateAsync(name, current => current with { Settings = served.Settings }).ConfigureAwait(false);
        }
        catch (InferenceException e)
        {
            Refused(served.Latest, $"The model's new settings are not used: {e.Message}", SettingsTag(settings.Tag));
        }
    }

    /// <summary>Loads what is loaded once more, under the settings that hold now.</summary>
    private async Task<bool> RenewAsync(ModelSlot[] ready, string tag, CancellationToken cancellationToken)
    {
        foreach (var slot in ready)
        {
            var fresh = catalog.NewSlot(slot.Version);
            if (!await ReplacesAsync(slot, fresh, SettingsTag(tag), cancellationToken).ConfigureAwait(false))
                return false;
            await catalog.UpdateAsync(name, current => current.With(fresh)).ConfigureAwait(false);
        }

        return true;
    }

    private async Task MoveLatestAsync(CancellationToken cancellationToken)
    {
        if (catalog.Find(name) is not { } served || served.Versions[^1] is var highest && highest == served.Latest)
            return;
        try
        {
            // What nobody has asked for yet is not loaded for the sake of order.
            if (served.Latest.IsReady && (isForced || !highest.IsBroken))
                await highest.LoadAsync(cancellationToken).ConfigureAwait(false);
            if (!served.Latest.IsReady || highest.IsReady)
            {
                await catalog.UpdateAsync(name, current => current.Versions[^1] == highest ? current with { Latest = highest } : current).ConfigureAwait(false);
                catalog.Logger.LatestMoved(highest.Version.Id, served.Latest.Version.Id);
            }
        }
        catch (InferenceException)
        {
            // Logged where it happened, and shown as the state of that version; the one before serves on.
        }
    }

    /// <summary>Of settings, told apart from that of a version's files.</summary>
    private static string SettingsTag(string tag) => "settings " + tag;

    private void Refused(ModelSlot slot, string reason, string tag)
    {
        slot.NoteRefusal(reason, tag);
        InferenceMetrics.Reloaded(slot.Version.Id, isTaken: false);
        catalog.Logger.ReloadRefused(slot.Version.Id, reason);
    }
}
