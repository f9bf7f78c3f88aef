using Inference.Models.Contracts;

namespace Inference.Catalog;

/// <summary>The immutable state of one version. The <see cref="ModelSlot"/> of the version replaces the state as a whole.</summary>
/// <param name="History">The data that each state passes on to the next.</param>
internal abstract record SlotState(SlotHistory History)
{
    /// <summary>No load has been requested, or the version was unloaded.</summary>
    public sealed record NotLoaded(SlotHistory History) : SlotState(History);

    /// <summary>A load is in progress: <see cref="SlotHistory.Load"/>.</summary>
    /// <param name="Attempt">
    /// The number of the load. When the load ends, it replaces the state only if the state still has this number.
    /// </param>
    /// <param name="Before">The state to return to when every caller cancels.</param>
    public sealed record Loading(SlotHistory History, int Attempt, SlotState Before) : SlotState(History);

    public sealed record Ready(SlotHistory History, LoadedModel Model) : SlotState(History);

    /// <summary>The last load failed.</summary>
    /// <param name="Failure">
    /// The failure. If its <see cref="InferenceException.RetryAfter"/> is zero, the files have changed since they were listed.
    /// </param>
    /// <param name="RetryAt">
    /// The time from which a request retries the load. Earlier requests receive this failure, so that a broken model does not keep the
    /// processor busy.
    /// </param>
    /// <param name="IsBroken">Whether the files were fetched, but are not a working model.</param>
    public sealed record Failed(SlotHistory History, InferenceException Failure, DateTimeOffset RetryAt, bool IsBroken)
        : SlotState(History);

    /// <summary>Returns the state that callers see, its reason, and the cause of a failure; null when the cause is unknown.</summary>
    /// <param name="findProblem">Returns why the version cannot be loaded; null when no problem is known.</param>
    public (ModelState State, string? Reason, FailureCause? Cause) Describe(Func<string?> findProblem) => this switch
    {
        Ready ready => (ModelState.Ready, ready.Model.Session.KnownFault?.Message, null),
        Loading => (ModelState.Loading, null, null),
        { History.LastUnloaded: { IsReleased: false } } => (ModelState.Unloading, null, null),
        Failed failed => (ModelState.Failed, failed.Failure.Message, failed.Failure.Cause),
        _ => findProblem() is { } problem ? (ModelState.Failed, problem, FailureCause.Files) : (ModelState.Available, null, null),
    };

    /// <summary>The slot was removed or replaced, or the server is stopping.</summary>
    public sealed record Closed(SlotHistory History) : SlotState(History);
}

/// <summary>The data that the states of a version pass on.</summary>
/// <param name="Contract">
/// The contract that decides whether requests share runs; null before the first load. An unload does not restore a contract that has ended.
/// </param>
/// <param name="LastUnloaded">The model that was unloaded last, which may still be in use; null before the first unload.</param>
/// <param name="Load">The last load, finished or not. The next load starts after the last load has ended.</param>
internal sealed record SlotHistory(BatchContract? Contract = null, LoadedModel? LastUnloaded = null, SharedTask<LoadedModel>? Load = null);
