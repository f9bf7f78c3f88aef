using Inference.Models;

namespace Inference.Serving;

/// <summary>Finds out whether other files, or the same under other settings, may take the place of a version in use.</summary>
internal static class Replacement
{
    /// <summary>Loads a slot that is to take the place of one in use, and runs it.</summary>
    /// <returns>Null when it can take over; otherwise it is closed.</returns>
    public static async Task<Refusal?> TryAsync(ModelSlot known, ModelSlot fresh, string tried, CancellationToken cancellationToken)
    {
        // What is about to be replaced must not make room for what replaces it.
        known.IsHeld = true;
        try
        {
            using var before = await known.LeaseAsync(cancellationToken).ConfigureAwait(false);
            using var after = await fresh.LeaseAsync(cancellationToken).ConfigureAwait(false);
            if (before is null || after is null)
                return null;
            if (!before.Model.Signature.Matches(after.Model.Signature))
            {
                throw new InferenceException(
                    InferenceError.ModelUnavailable, "their inputs or outputs are not those of the files before. Give them a version of their own.");
            }

            await CheckRunsAsync(before.Session, after.Session, cancellationToken).ConfigureAwait(false);
            return null;
        }
        catch (InferenceException e)
        {
            var refusal = new Refusal(e.Message, fresh.IsUntried ? null : tried);
            await fresh.CloseAsync().ConfigureAwait(false);
            return refusal;
        }
        catch (OperationCanceledException)
        {
            await fresh.CloseAsync().ConfigureAwait(false);
            throw;
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
}
